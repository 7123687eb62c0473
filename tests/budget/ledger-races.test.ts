import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../src/budget/ledger.ts'
import type { SpendStore } from '../../src/contracts/spend.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { isIntact, ledgerOn, open, reserve, settle, sums } from './ledger-given.ts'
import { USD } from './samples.ts'

const SPENDER = fileURLToPath(new URL('fixtures/spender.ts', import.meta.url))

describe('many at once', () => {
  test('a budget of 100 with 8 attempts at a time never settles above 100 plus the last turn of each in flight', async () => {
    const BUDGET = 100 * USD
    const turn = fc.integer({ min: 0, max: 4 * USD })
    const attempt = fc.record({
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      turn,
      stops: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(attempt, { minLength: 8, maxLength: 20 }),
        fc.integer({ min: 4, max: 40 }),
        async (schedule, attempts, wanted) => {
          const { path, store } = await open('eight')
          const others = await Promise.all([1, 2].map(() => openSqliteStore({ path, clock: systemClock })))
          const given = { all: { perDay: { usdMicros: BUDGET }, perAttempt: { usdMicros: wanted * USD } } }
          const ledgers = [store, ...others].map((each) => ledgerOn(scheduled(schedule, each), given))
          const waiting = attempts.map((each, n) => ({ ...each, n }))
          const worker = async (at: number): Promise<void> => {
            const ledger = ledgers[at % ledgers.length] as Ledger
            for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
              const reserved = await reserve(ledger, next.n)
              if (!reserved.granted) continue
              const limit = Math.round((reserved.limits.usd ?? 0) * USD)
              // Stopped by its keeper: the turn in which the limit was passed is paid as well.
              await settle(ledger, next.n, next.stops ? limit + next.turn : Math.round(limit * next.share))
            }
          }
          await schedule.waitFor(Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(worker)))
          const last = openAtLastGrant(path)
          const turns = attempts.reduce((sum, each, n) => sum + (last.has(`att-${n}`) ? each.turn : 0), 0)
          expect(last.size).toBeLessThanOrEqual(8)
          expect(sums(path)).toMatchObject({ open: 0 })
          expect(sums(path).usdMicros).toBeLessThanOrEqual(BUDGET + turns)
          expect(isIntact(path)).toBe(true)
          for (const each of [store, ...others]) await each.close()
        },
      ),
      { numRuns: 80, endOnFailure: true },
    )
  }, 120_000)

  test('two processes that race for the last dollars never get more than there are', async () => {
    const { path, store } = await open('race')
    await store.close()
    const run = promisify(execFile)
    const granted = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        // They hold on to what they reserve: nothing is freed while they race.
        const { stdout } = await run(process.execPath, [SPENDER, path, name, '4', '5'])
        return Number(stdout)
      }),
    )
    // The first of each costs 0.25, the second 0.50, …; each reserves a dollar before.
    const { usdMicros, runs, open: left } = sums(path)
    expect(runs).toBe(granted.reduce((sum, each) => sum + each, 0))
    expect(left).toBe(0)
    expect(usdMicros).toBeLessThanOrEqual(5 * USD)
    expect(usdMicros).toBeGreaterThan(4 * USD)
    expect(isIntact(path)).toBe(true)
  }, 30_000)
})

/** The attempts in flight when the last money was granted, that one among them, in the journal's order. */
const openAtLastGrant = (path: string): ReadonlySet<string> => {
  const db = new DatabaseSync(path, { readOnly: true })
  const events = db
    .prepare(
      "SELECT substr(stream, 7) AS id, bytes ->> '$.type' AS type FROM events WHERE stream LIKE 'spend/%' ORDER BY n",
    )
    .all() as { id: string; type: string }[]
  db.close()
  const open = new Set<string>()
  let last = new Set<string>()
  for (const { id, type } of events) {
    if (type === 'spend.settled') open.delete(id)
    if (type !== 'spend.reserved') continue
    open.add(id)
    last = new Set(open)
  }
  return last
}

/** Every command of the store is answered in an order that the schedule chooses. */
const scheduled = (schedule: fc.Scheduler, store: SpendStore): SpendStore => ({
  readSpend: schedule.scheduleFunction(store.readSpend),
  getSpend: schedule.scheduleFunction(store.getSpend),
  reserveSpend: schedule.scheduleFunction(store.reserveSpend),
  settleSpend: schedule.scheduleFunction(store.settleSpend),
  concludeSpend: schedule.scheduleFunction(store.concludeSpend),
  listSpend: schedule.scheduleFunction(store.listSpend),
})

describe('kill -9', () => {
  const POINTS = ['reserve', 'settle', 'conclude'].flatMap((step) =>
    ['before', 'inside', 'after'].flatMap((when) => [1, 3].map((nth) => `spend:${step}:${when}#${nth}`)),
  )

  const spend = (path: string, env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [SPENDER, path, 'k', '3', '2'], {
      env: { PATH: process.env.PATH ?? '', ...env },
      encoding: 'utf8',
      timeout: 20_000,
    })

  test.each(POINTS)('at %s, then again: the same sums', async (point) => {
    const path = join(makeTempDir('kill'), 'journal.db')
    expect(spend(path, { OC_SUPERVISE_FAILPOINT: `${point}=kill` }).signal).toBe('SIGKILL')
    expect(spend(path)).toMatchObject({ status: 0, stderr: '', stdout: '3' })
    // 0.25 + 0.50 + 0.75 dollars, 11 + 22 + 33 tokens.
    expect(sums(path)).toEqual({ runs: 3, open: 0, usdMicros: 1.5 * USD, tokens: 66 })
    expect(isIntact(path)).toBe(true)
  })
})
