import type { JsonValue } from '../contracts/json.ts'
import { BoardState, type BoardTask } from '../contracts/task.ts'
import { systemClock } from '../platform/clock.ts'
import type { Board, ChangedBy, MoveRequest, MoveResult } from './board.ts'
import { BoardFailure } from './board-failure.ts'
import { judgeMove } from './moves.ts'
import { commentOnTask, readTaskComments } from './task-comments.ts'
import { type BoardStore, readStored, recordKeys, type StoredTask, TASK } from './task-record.ts'

/** How often a move is judged again because somebody else changed the task in between. */
const MOVE_TRIES = 20
const REASON_CHARS = 2_000

/** The board of one machine: tasks are records of the journal. */
export const localBoard = (store: BoardStore): Board => {
  const read = async (taskId: string) => {
    const row = await store.get(TASK, taskId)
    return row === null ? null : { row, ...readStored(row) }
  }
  return {
    add: async (spec, state, by) => {
      await by.fence?.check()
      const value = { spec, phase: null, reason: '', updatedAtMs: spec.createdAtMs, lastKey: null }
      const written = await store.put({
        ...recordKeys(spec),
        state,
        value: value satisfies StoredTask as unknown as JsonValue,
        expectedVersion: 0,
        event: 'task.added',
        key: `${spec.id}/added`,
        needs: { ids: spec.dependsOn, state: 'Done' },
        ...writer(by),
      })
      if (!written.ok && written.reason === 'fence') return fenceLost(spec.id, by)
      return { taskId: spec.id, created: written.ok && !written.repeated }
    },

    get: async (taskId) => (await read(taskId))?.task ?? null,

    list: async ({ state, kind, after, limit }) => {
      const last = after === undefined ? null : await store.get(TASK, after)
      const rows = await store.list({
        kind: TASK,
        limit,
        ...(state === undefined ? {} : { state }),
        ...(kind === undefined ? {} : { queue: kind }),
        ...(last === null ? {} : { after: last }),
      })
      return rows.map((row) => readStored(row).task)
    },

    count: ({ state, kind }) =>
      store.count({
        kind: TASK,
        ...(state === undefined ? {} : { state }),
        ...(kind === undefined ? {} : { queue: kind }),
      }),

    take: async ({ kind, exceptRepos = [], by, start }) => {
      const row = await store.takeRecord({
        kind: TASK,
        queue: kind,
        fromState: 'Ready',
        toState: 'Running',
        ...(exceptRepos.length === 0 ? {} : { except: { path: '$.spec.repo', values: exceptRepos } }),
        patch: {
          phase: null,
          reason: `claimed by ${by.name}`,
          updatedAtMs: systemClock.wallMs(),
          lastKey: null,
        },
        event: 'task.claimed',
        writer: by.name,
        start,
      })
      return row === null ? null : readStored(row).task
    },

    move: (request) => moveTask(store, read, request),

    waitingFor: async (taskId) => {
      const found = await read(taskId)
      const waits = await Promise.all(
        (found?.stored.spec.dependsOn ?? []).map(async (id) => ({
          taskId: id,
          state: await stateOf(store, id),
        })),
      )
      return waits.filter(({ state }) => state !== 'Done')
    },

    comment: async (taskId, comment, by) => {
      await by.fence?.check()
      return commentOnTask(store, taskId, comment, by, systemClock.wallMs())
    },

    comments: (taskId) => readTaskComments(store, taskId),
  }
}

type Read = (
  taskId: string,
) => Promise<{ stored: StoredTask; task: BoardTask; row: { version: number } } | null>

const moveTask = async (store: BoardStore, read: Read, request: MoveRequest): Promise<MoveResult> => {
  const { taskId, to, phase, by, key } = request
  await by.fence?.check()
  for (let tries = 0; tries < MOVE_TRIES; tries += 1) {
    const found = await read(taskId)
    if (found === null) throw new BoardFailure('invalid_task', `${taskId}: there is no such task`)
    const { task, stored } = found
    if (stored.lastKey === key) return { moved: true, task }
    const refusal = refusalOf(request, task.state)
    if (refusal !== null) return { moved: false, task, ...refusal }

    const reason = request.reason.slice(0, REASON_CHARS)
    const value: StoredTask = {
      spec: task.spec,
      phase,
      reason,
      updatedAtMs: systemClock.wallMs(),
      lastKey: key,
    }
    const written = await store.put({
      ...recordKeys(task.spec),
      state: to,
      value: value as unknown as JsonValue,
      expectedVersion: task.version,
      event: `task.moved.${to}`,
      key: `${taskId}/moved/${key}`,
      ...(request.tell === undefined ? {} : { tell: request.tell }),
      ...writer(by),
    })
    if (written.ok && written.repeated)
      return { moved: false, task, refusal: 'elsewhere', why: `moved on to ${task.state}` }
    if (written.ok) {
      const { spec, updatedAtMs } = value
      return { moved: true, task: { spec, state: to, phase, reason, version: written.version, updatedAtMs } }
    }
    if (written.reason === 'fence') return fenceLost(taskId, by)
  }
  throw new BoardFailure('infra_tooling', `${taskId}: somebody else kept changing it; try again`)
}

const refusalOf = (
  request: MoveRequest,
  from: BoardState,
): { refusal: 'elsewhere' | 'illegal'; why: string } | null => {
  if (!request.from.includes(from))
    return { refusal: 'elsewhere', why: `it is ${from}, not ${request.from.join(' or ')}` }
  const { to, reason, phase, attemptStopped, by } = request
  const facts = { from, to, reason, phase, attemptStopped, actor: by.actor, holdsLease: by.fence !== null }
  const judged = judgeMove(facts)
  return judged.legal ? null : { refusal: 'illegal', why: judged.why }
}

const writer = (by: ChangedBy) => ({
  writer: by.name,
  fence: by.fence === null ? null : { actor: by.fence.actor, token: by.fence.token },
})

/** @throws StaleOwnerError, which is what a lost fence means. */
const fenceLost = async (taskId: string, by: ChangedBy): Promise<never> => {
  await by.fence?.check()
  throw new BoardFailure('infra_tooling', `${taskId}: the store refused the fence of ${by.fence?.actor}`)
}

const stateOf = async (store: BoardStore, taskId: string): Promise<BoardState | null> =>
  BoardState.nullable().parse((await store.get(TASK, taskId))?.state ?? null)
