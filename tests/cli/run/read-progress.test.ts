import { afterAll, expect, test } from 'vitest'
import { localBoard } from '../../../src/board/local-board.ts'
import { readProgress } from '../../../src/cli/run/read-progress.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { type TestSystem, testSystem } from '../support/test-system.ts'

let system: TestSystem
afterAll(() => system.close())

test('a task whose review no lane takes up waits for a person, and says for which lane', async () => {
  system = await testSystem({ queues: ['goal'] })
  await system.claim()
  await system.reach('task-1', 'inReview')
  await system.settle()
  const { store } = system
  const read = async (...lanes: string[]) => {
    const ports = { store, board: localBoard(store), clock: systemClock, running: [] }
    const { actors } = await readProgress({ ...ports, lanes })
    return actors.map(({ standing, missing }) => ({ standing, missing }))
  }
  expect(await read('goal')).toEqual([{ standing: 'waits_person', missing: 'review' }])
  expect(await read('goal', 'review')).toEqual([{ standing: 'waits_actor', missing: null }])
  expect(await read('review')).toEqual([{ standing: 'waits_person', missing: 'goal' }])
})
