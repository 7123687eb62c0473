import { attemptIdOf } from '../../../machines/durable/derive-id.ts'
import type { GateContext } from '../../../machines/durable/gate-context.ts'
import type { ReviewContext } from '../../../machines/durable/review-context.ts'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { localBoard } from '../../board/local-board.ts'
import type { AttemptId, TaskId } from '../../contracts/ids.ts'
import { BOARD_STATES } from '../../contracts/task.ts'
import type { Store } from '../../durable/store.ts'
import { allActors } from '../look/all-actors.ts'
import { allCards } from '../look/all-cards.ts'
import { contextOf } from '../run/actor-standing.ts'

/** A task that is over for good: its card, its own actor, its reviews and its gates have all ended. */
export interface EndedTask {
  readonly id: TaskId
  /** When its card came to its end, UTC ms. */
  readonly endedAtMs: number
  readonly attempts: readonly AttemptId[]
  /** Itself, its reviews and its gates. */
  readonly actors: readonly string[]
}

/** What the journal says is over, and what is not. */
export interface Standing {
  readonly ended: readonly EndedTask[]
  /** Repositories of tasks that are not over. */
  readonly wantedRepos: ReadonlySet<string>
}

/** Reads which tasks are over. Whatever cannot be told to be over counts as under way. */
export const readStanding = async (store: Store): Promise<Standing> => {
  const family = await familyOf(store)
  const busy = new Set(await store.busyActors())
  const board = localBoard(store)
  const ended: EndedTask[] = []
  for await (const row of allActors(store, { machine: 'task', status: 'done' })) {
    const { spec, attemptNo } = contextOf<TaskContext>(row)
    const card = await board.get(spec.id)
    const { ids, isOpen } = family.get(spec.id) ?? { ids: [], isOpen: false }
    const actors = [row.id, ...ids]
    const isOver = card !== null && ENDS.includes(card.state) && !isOpen
    if (!isOver || actors.some((actor) => busy.has(actor))) continue
    const attempts = Array.from({ length: attemptNo }, (_, at) => attemptIdOf(spec.id, at + 1))
    ended.push({ id: spec.id, endedAtMs: card.updatedAtMs, attempts, actors })
  }
  return { ended, wantedRepos: await wantedRepos(store, new Set(ended.map(({ id }) => id))) }
}

const ENDS: readonly string[] = ['Done', 'Cancelled']

/** Reviews and gates by the task they belong to, and whether one of them is still open. */
const familyOf = async (store: Store): Promise<Map<string, { ids: string[]; isOpen: boolean }>> => {
  const family = new Map<string, { ids: string[]; isOpen: boolean }>()
  const taskOf = new Map<string, string>()
  const add = (task: string, id: string, isDone: boolean): void => {
    const known = family.get(task) ?? { ids: [], isOpen: false }
    family.set(task, { ids: [...known.ids, id], isOpen: known.isOpen || !isDone })
  }
  for await (const row of allActors(store, { machine: 'review' })) {
    const { taskId } = contextOf<ReviewContext>(row)
    taskOf.set(row.id, taskId)
    add(taskId, row.id, row.status === 'done')
  }
  for await (const row of allActors(store, { machine: 'gate' })) {
    const { actor } = contextOf<GateContext>(row).opening.replyTo
    add(taskOf.get(actor) ?? actor, row.id, row.status === 'done')
  }
  return family
}

const wantedRepos = async (store: Store, ended: ReadonlySet<string>): Promise<Set<string>> => {
  const repos = new Set<string>()
  for await (const row of allActors(store, { machine: 'task' }))
    if (!ended.has(row.id)) repos.add(contextOf<TaskContext>(row).spec.repo)
  const board = localBoard(store)
  for (const state of BOARD_STATES.filter((each) => !ENDS.includes(each)))
    for await (const { spec } of allCards(board, { state })) repos.add(spec.repo)
  return repos
}
