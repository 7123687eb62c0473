import { afterAll, expect, test } from 'vitest'
import { localBoard } from '../../../src/board/local-board.ts'
import { setCurrentManifest, storeManifest } from '../../../src/cli/compose/stored-manifest.ts'
import { readProgress } from '../../../src/cli/run/read-progress.ts'
import type { CompiledManifest } from '../../../src/contracts/compiled-manifest.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { ocJson } from '../support/run-cli.ts'
import { type TestSystem, testSystem } from '../support/test-system.ts'

const opened: TestSystem[] = []
afterAll(async () => {
  for (const each of opened) await each.close()
})

/** task-1 at its review, which no lane takes up unless it is among the queues. */
const inReview = async (...queues: string[]) => {
  const system = await testSystem({ queues })
  opened.push(system)
  await system.claim()
  await system.reach('task-1', 'inReview')
  await system.settle()
  return system
}

const read = async ({ store }: TestSystem, ...lanes: string[]) => {
  const ports = { store, board: localBoard(store), clock: systemClock, running: [] }
  const { actors } = await readProgress({ ...ports, lanes })
  return actors.flatMap(({ row, standing, missing }) => (row.id === 'task-1' ? [{ standing, missing }] : []))
}

const NOBODY_REVIEWS = [{ standing: 'waits_person', missing: 'review' }]

test('a task whose review no lane takes up waits for a person, and says for which lane', async () => {
  const system = await inReview('goal')
  expect(await read(system, 'goal')).toEqual(NOBODY_REVIEWS)
  expect(await read(system, 'goal', 'review')).toEqual([{ standing: 'waits_actor', missing: null }])
  expect(await read(system, 'review')).toEqual([{ standing: 'waits_person', missing: 'goal' }])
})

test.each([
  ['was not taken up', ['goal']],
  ['was taken up before its lane went off', ['goal', 'review', 'supervisor']],
])('a task that asks for its review back is not waited for where the review %s', async (_what, queues) => {
  const system = await inReview(...queues)
  const cancel = { type: 'CANCEL', by: 'ada' }
  await system.store.enqueue({ id: 'c', actor: 'task-1', queue: 'goal', event: cancel, start: null })
  await system.close()
  opened.pop()
  const later = await testSystem({ dir: system.dir, queues: ['goal'] })
  opened.push(later)
  await later.reach('task-1', 'withdrawing')
  await later.settle()
  expect(await read(later, 'goal')).toEqual(NOBODY_REVIEWS)
  expect(await read(later, 'goal', 'review')).toEqual([{ standing: 'moving', missing: null }])
  const lanes = { lanes: { goal: {} } } as unknown as CompiledManifest
  setCurrentManifest(later.layout, storeManifest(later.layout, lanes))
  expect((await ocJson('explain', 'task-1', '--state-dir', later.dir)).action).toMatch(
    /^Turn the lane review on/,
  )
})
