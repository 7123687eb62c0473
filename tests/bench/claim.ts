import { join } from 'node:path'
import { systemClock } from '../../src/platform/clock.ts'
import { built } from './support/built.ts'
import { fillRecords } from './support/filled-journal.ts'
import { judge, type Measurement, rounded } from './support/row.ts'
import { interleave, median, p90, timeMs } from './support/stats.ts'

const FEW = 100
const MANY = 100_000

/** Taking the next task costs the same, however many wait. */
export const claim: Measurement = {
  name: 'claim',
  about: 'claim among 100,000 tasks, against 100',
  run: async ({ scope, quick }) => {
    const rounds = quick ? 60 : 200
    const few = await openBoard(join(scope.folder('few'), 'journal.db'), FEW + rounds)
    const many = await openBoard(join(scope.folder('many'), 'journal.db'), MANY + rounds)
    const taken = await interleave(rounds, { few: few.claimMs, many: many.claimMs })
    await Promise.all([few.close(), many.close()])
    return [
      judge({
        name: 'claim',
        budget: 'claim among 100,000 tasks ≤ 1.5 × among 100',
        measured: median(taken.many) / median(taken.few),
        atMost: 1.5,
        unit: '×',
        details: {
          claims: taken.many.length,
          'among 100,000, p50 ms': rounded(median(taken.many)),
          'among 100,000, p90 ms': rounded(p90(taken.many)),
          'among 100, p50 ms': rounded(median(taken.few)),
          'among 100, p90 ms': rounded(p90(taken.few)),
        },
      }),
    ]
  },
}

const openBoard = async (path: string, tasks: number) => {
  await fillRecords(path, tasks, (index) => ({
    kind: 'task',
    id: `task-${String(index).padStart(8, '0')}`,
    queue: 'goal',
    state: 'Ready',
    rank: index % 4,
    createdMs: index,
    value: { n: index },
  }))
  const { openSqliteStore } = await built<typeof import('../../src/durable/sqlite/sqlite-store.ts')>(
    'src/durable/sqlite/sqlite-store.ts',
  )
  const store = await openSqliteStore({ path, clock: systemClock })
  return {
    claimMs: () =>
      timeMs(async () => {
        const record = await store.takeRecord({
          kind: 'task',
          queue: 'goal',
          fromState: 'Ready',
          toState: 'Running',
          patch: { reason: 'claimed' },
          event: 'task.claimed',
          writer: 'inc-bench',
          start: null,
        })
        if (record === null) throw new Error('nothing was left to claim')
      }),
    close: () => store.close(),
  }
}
