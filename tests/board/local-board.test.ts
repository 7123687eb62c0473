import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ChangedBy } from '../../src/board/board.ts'
import { localBoard } from '../../src/board/local-board.ts'
import type { Fence } from '../../src/contracts/fence.ts'
import { TaskSpec } from '../../src/contracts/task.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import type { Store } from '../../src/durable/store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const person: ChangedBy = { actor: 'person', name: 'ada', fence: null }
const stores: Store[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

const open = async () => {
  const store = await openSqliteStore({ path: join(makeTempDir('board'), 'journal.db'), clock: systemClock })
  stores.push(store)
  return { store, board: localBoard(store) }
}

const spec = (id: string, changes: Partial<TaskSpec> = {}): TaskSpec =>
  TaskSpec.parse({
    id,
    title: `Title of ${id}`,
    kind: 'goal',
    repo: 'api',
    goal: 'Do it.',
    constraints: null,
    baseBranch: null,
    allowedPaths: [],
    priority: 'normal',
    type: 'unknown',
    risk: 'medium',
    verify: false,
    dependsOn: [],
    labels: [],
    author: 'ada',
    trust: 'trusted',
    parent: null,
    createdAtMs: 1,
    ...changes,
  })

/** A lane that holds the task's actor, and the fence of that. */
const holding = async (store: Store, actor: string, name: string): Promise<ChangedBy & { fence: Fence }> => {
  const owner = { incarnation: `inc-${name}` as never, host: name, identity: selfIdentity() }
  const claimed = await store.claim(actor, 'goal', owner, 1)
  if (!claimed.ok) throw new Error('not claimed')
  const { token } = claimed.lease
  const check = async () => {
    if (!(await store.checkFence(actor, token))) throw new Error('stale owner')
  }
  return { actor: 'lane', name: owner.incarnation, fence: { actor, token, check } }
}

const start = {
  queue: 'goal',
  event: { type: 'CLAIMED' },
  machine: 'task',
  input: { lane: 'goal' },
  recordKey: 'task',
  recordField: 'spec',
} as const

describe('localBoard', () => {
  test('adds a task once and shows it', async () => {
    const { board } = await open()
    expect(await board.add(spec('task-a'), 'Ready', person)).toEqual({ taskId: 'task-a', created: true })
    expect(await board.add(spec('task-a', { title: 'Other' }), 'Backlog', person)).toEqual({
      taskId: 'task-a',
      created: false,
    })
    expect(await board.get('task-a')).toMatchObject({
      spec: { title: 'Title of task-a' },
      state: 'Ready',
      version: 1,
    })
    expect(await board.get('task-b')).toBeNull()
  })

  test('takes none of the repositories that are left out', async () => {
    const { board } = await open()
    for (const repo of ['api', 'web']) await board.add(spec(`task-${repo}`, { repo }), 'Ready', person)
    const take = (exceptRepos: string[]) =>
      board.take({ kind: 'goal', exceptRepos, by: { ...person, actor: 'lane' }, start: null })
    expect(await take(['api', 'web'])).toBeNull()
    expect((await take(['api']))?.spec.repo).toBe('web')
    expect((await take(['web']))?.spec.repo).toBe('api')
  })

  test('takes by priority, then age, only eligible ones of its kind, and starts their actor', async () => {
    const { store, board } = await open()
    await board.add(spec('task-old', { createdAtMs: 1 }), 'Ready', person)
    await board.add(spec('task-urgent', { createdAtMs: 3, priority: 'urgent' }), 'Ready', person)
    await board.add(
      spec('task-waits', { createdAtMs: 2, priority: 'urgent', dependsOn: ['task-old' as never] }),
      'Ready',
      person,
    )
    await board.add(spec('task-other', { kind: 'test' }), 'Ready', person)
    await board.add(spec('task-later'), 'Backlog', person)
    const take = () => board.take({ kind: 'goal', by: { ...person, actor: 'lane' }, start })
    const first = await take()
    expect(first).toMatchObject({ spec: { id: 'task-urgent' }, state: 'Running', reason: 'claimed by ada' })
    expect((await take())?.spec.id).toBe('task-old')
    expect(await take()).toBeNull()
    expect(await board.waitingFor('task-waits')).toEqual([{ taskId: 'task-old', state: 'Running' }])
    const waiting = await store.due('goal', 'inc-x' as never, systemClock.now(), 10)
    expect(waiting.unclaimed.toSorted()).toEqual(['task-old', 'task-urgent'])

    const lane = await holding(store, 'task-old', 'one')
    const move = {
      taskId: 'task-old',
      from: ['Running'],
      to: 'Done',
      phase: null,
      reason: '',
      attemptStopped: true,
    } as const
    expect(await board.move({ ...move, key: 'k', by: lane })).toMatchObject({ moved: true })
    expect((await take())?.spec.id).toBe('task-waits')
  })

  test('lists in pages, and counts', async () => {
    const { board } = await open()
    for (let index = 0; index < 7; index += 1)
      await board.add(spec(`task-${index}`, { createdAtMs: index }), 'Ready', person)
    const pages: string[][] = []
    for (let after: string | undefined; ; after = pages.at(-1)?.at(-1)) {
      const page = await board.list({ state: 'Ready', limit: 3, ...(after === undefined ? {} : { after }) })
      if (page.length === 0) break
      pages.push(page.map((task) => task.spec.id))
    }
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1])
    expect(await board.count({ state: 'Ready' })).toBe(7)
    expect(await board.count({ state: 'Done' })).toBe(0)
  })

  test('a move is a compare-and-set: of two at once one wins, the other is told where the task is', async () => {
    const { board } = await open()
    await board.add(spec('task-a'), 'Backlog', person)
    const moves = (['Ready', 'Cancelled'] as const).map((to) =>
      board.move({
        taskId: 'task-a',
        from: ['Backlog'],
        to,
        phase: null,
        reason: '',
        key: to,
        by: person,
        attemptStopped: false,
      }),
    )
    const results = await Promise.all(moves)
    expect(results.filter(({ moved }) => moved)).toHaveLength(1)
    const [loser] = results.filter(({ moved }) => !moved)
    const state = (await board.get('task-a'))?.state
    expect(loser).toMatchObject({ moved: false, refusal: 'elsewhere', task: { state } })
  })

  test('the same move twice is one move; after a person’s it is not ours any more', async () => {
    const { store, board } = await open()
    await board.add(spec('task-a'), 'Ready', person)
    await board.take({ kind: 'goal', by: person, start: null })
    const by = await holding(store, 'task-a', 'one')
    const review = {
      taskId: 'task-a',
      from: ['Running'],
      to: 'Review',
      phase: 'automated',
      reason: 'opened',
      key: 'effect-1',
      by,
      attemptStopped: true,
    } as const
    const first = await board.move(review)
    expect(first).toMatchObject({ moved: true, task: { state: 'Review', phase: 'automated', version: 3 } })
    expect(await board.move(review)).toEqual(first)
    const back = { ...review, from: ['Review'], to: 'Ready', phase: null, key: 'cli-1', by: person } as const
    expect(await board.move(back)).toMatchObject({ moved: true, task: { phase: null } })
    expect(await board.move(review)).toMatchObject({
      moved: false,
      refusal: 'elsewhere',
      why: 'it is Ready, not Running',
    })
  })

  test('the table of moves is asked', async () => {
    const { board } = await open()
    await board.add(spec('task-a'), 'Ready', person)
    const request = {
      taskId: 'task-a',
      from: ['Ready'],
      phase: null,
      reason: 'x',
      key: 'k',
      by: person,
      attemptStopped: false,
    } as const
    expect(await board.move({ ...request, to: 'Running' })).toMatchObject({
      moved: false,
      refusal: 'illegal',
      why: 'a person may not move a task from Ready to Running',
    })
    expect((await board.get('task-a'))?.version).toBe(1)
    await expect(board.move({ ...request, taskId: 'task-none', to: 'Done' })).rejects.toThrow(/no such task/)
  })

  test('a stale owner writes nothing: no move, no comment, no task', async () => {
    const { store, board } = await open()
    await board.add(spec('task-a'), 'Ready', person)
    await board.take({ kind: 'goal', by: person, start: null })
    const stale = await holding(store, 'task-a', 'one')
    await store.release('task-a', stale.fence.token, stale.name as never)
    const current = await holding(store, 'task-a', 'two')
    const quiet = { ...stale, fence: { ...stale.fence, check: async () => {} } }
    const request = {
      taskId: 'task-a',
      from: ['Running'],
      to: 'Blocked',
      phase: null,
      reason: 'x',
      attemptStopped: true,
    } as const
    for (const by of [stale, quiet]) {
      await expect(board.move({ ...request, key: 'k', by })).rejects.toThrow(/stale owner|refused the fence/)
      await expect(board.comment('task-a', { mark: 'm', text: 't' }, by)).rejects.toThrow(
        /stale owner|refused the fence/,
      )
      await expect(board.add(spec('task-b'), 'Ready', by)).rejects.toThrow(/stale owner|refused the fence/)
    }
    expect(await board.get('task-a')).toMatchObject({ state: 'Running' })
    expect(await board.move({ ...request, key: 'k', by: current })).toMatchObject({ moved: true })
  })

  test('comments once a mark', async () => {
    const { board } = await open()
    await board.add(spec('task-a'), 'Ready', person)
    expect(await board.comment('task-a', { mark: 'm', text: 'one' }, person)).toEqual({ posted: true })
    expect(await board.comment('task-a', { mark: 'm', text: 'one' }, person)).toEqual({ posted: false })
    expect(await board.comment('task-a', { mark: 'n', text: 'two' }, person)).toEqual({ posted: true })
    expect((await board.comments('task-a')).map(({ text, by }) => [text, by]).toSorted()).toEqual([
      ['one', 'ada'],
      ['two', 'ada'],
    ])
  })
})
