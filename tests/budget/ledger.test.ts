import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLedger, type Ledger } from '../../src/budget/ledger.ts'
import type { SpendStore } from '../../src/contracts/spend.ts'
import { loadOrCreateKeys } from '../../src/durable/keys.ts'
import { databaseSource } from '../../src/durable/sqlite/database-source.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import type { Store } from '../../src/durable/store.ts'
import { verify } from '../../src/durable/verify.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { question, rules, USD } from './samples.ts'

const SPENDER = fileURLToPath(new URL('fixtures/spender.ts', import.meta.url))

const usageOf = (usdMicros: number) => ({
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 1,
  usd: usdMicros / USD,
  coveredUsd: 0,
})

const reserve = (ledger: Ledger, n: number | string) =>
  ledger.reserve({
    ...question({ task: `task-${n}` }),
    attempt: `att-${n}`,
    task: `task-${n}`,
    run: 'run-1',
    lane: 'goal',
    purpose: 'attempt',
  })

const settle = (ledger: Ledger, n: number | string, usdMicros: number | null) =>
  ledger.settle(`att-${n}`, {
    ending: 'completed',
    usage: usdMicros === null ? null : usageOf(usdMicros),
    isPriced: true,
    endedAt: null,
    signal: null,
  })

const ledgerOn = (store: SpendStore, given: Parameters<typeof rules>[0]): Ledger =>
  createLedger({ store, rules: rules(given), clock: systemClock, writer: 'inc-test' })

const open = async (name: string): Promise<{ path: string; store: Store }> => {
  const path = join(makeTempDir(name), 'journal.db')
  return { path, store: await openSqliteStore({ path, clock: systemClock }) }
}

const sums = (path: string): { runs: number; open: number; usdMicros: number; tokens: number } => {
  const db = new DatabaseSync(path, { readOnly: true })
  const row = db
    .prepare(
      `SELECT count(*) AS runs, sum(state = 'open') AS open, coalesce(sum(value ->> '$.settled.usdMicros'), 0) AS usdMicros,
         coalesce(sum(value ->> '$.settled.tokens'), 0) AS tokens FROM spend`,
    )
    .get() as ReturnType<typeof sums>
  db.close()
  return { ...row }
}

const isIntact = (path: string): boolean => {
  const { publicKey } = loadOrCreateKeys(join(path, '../keys'))
  return verify(databaseSource(path), { publicKey }).ok
}

describe('the ledger', () => {
  test('an attempt is reserved, settled and concluded once, however often it is asked', async () => {
    const { path, store } = await open('ledger')
    const ledger = ledgerOn(store, {
      all: { perDay: { usdMicros: 4 * USD }, perAttempt: { usdMicros: 2 * USD } },
    })
    expect(await reserve(ledger, 1)).toEqual({ granted: true, limits: { usd: 2, tokens: null } })
    expect(await reserve(ledger, 1)).toEqual({ granted: true, limits: { usd: 2, tokens: null } })
    expect(await reserve(ledger, 2)).toEqual({ granted: true, limits: { usd: 2, tokens: null } })
    expect(await reserve(ledger, 3)).toMatchObject({
      granted: false,
      cap: 'budget.per_day.usd',
      failure: {
        class: 'infra_tooling',
        reason: 'budget.per_day.usd: $4.00 of $4.00 are used or reserved, $2.00 needed',
      },
    })
    expect(await ledger.openFor('att-1')).toEqual({ agent: 'a' })
    await settle(ledger, 1, 500_000)
    await settle(ledger, 1, 900_000)
    expect(await ledger.openFor('att-1')).toBeNull()
    await ledger.conclude('att-2', {
      failure: null,
      fruitless: false,
      retryAtMs: null,
      turnedAway: false,
      erosion: 0,
    })
    await ledger.conclude('att-1', {
      failure: { class: 'no_op', reason: 'nothing', excerpt: null },
      fruitless: true,
      retryAtMs: null,
      turnedAway: false,
      erosion: 0,
    })
    await ledger.conclude('att-1', {
      failure: null,
      fruitless: false,
      retryAtMs: null,
      turnedAway: false,
      erosion: 0,
    })
    expect(await store.getSpend('att-1')).toMatchObject({
      settled: { usdMicros: 500_000, estimated: false },
      conclusion: { result: 'no_op', fruitless: true, retryAtMs: null, turnedAway: false, erosion: 0 },
    })
    expect(await store.getSpend('att-2')).toMatchObject({ settled: null, conclusion: null })
    expect(await reserve(ledger, 3)).toEqual({ granted: true, limits: { usd: 1.5, tokens: null } })
    const types = (await store.readStream('spend/att-1', 1)).map(({ type }) => type)
    expect(types).toEqual(['spend.reserved', 'spend.settled', 'spend.concluded'])
    await store.close()
    expect(isIntact(path)).toBe(true)
  })

  test('what nobody can tell is settled at what was reserved; what was never started at nothing', async () => {
    const { store } = await open('ledger')
    const ledger = ledgerOn(store, { all: { perAttempt: { usdMicros: 2 * USD } } })
    for (const n of [1, 2, 3]) await reserve(ledger, n)
    await settle(ledger, 1, null)
    await ledger.settle('att-2', {
      ending: 'not_started',
      usage: null,
      isPriced: true,
      endedAt: null,
      signal: null,
    })
    await ledger.settle('att-3', {
      ending: 'completed',
      usage: usageOf(0),
      isPriced: false,
      endedAt: null,
      signal: null,
    })
    const settled = (await store.listSpend({ limit: 9 })).map(({ settled }) => [
      settled?.usdMicros,
      settled?.estimated,
    ])
    expect(settled).toEqual([
      [2 * USD, true],
      [0, false],
      [2 * USD, true],
    ])
    await store.close()
  })

  test('how the run of the task before this one ended, as far as it was run and has ended', async () => {
    const { store } = await open('before')
    const ledger = ledgerOn(store, {})
    const [mine, other] = ['task-mine', 'task-other']
    const run = async (
      id: string,
      task: string,
      signal: string | null,
      ending: 'interrupted' | 'not_started',
    ) => {
      await ledger.reserve({
        ...question({ task }),
        attempt: id,
        task,
        run: 'run-1',
        lane: 'goal',
        purpose: 'attempt',
      })
      const endedAt = { wallMs: 5, monoMs: 5, bootId: id }
      await ledger.settle(id, { ending, usage: null, isPriced: true, endedAt, signal })
    }
    expect(await ledger.endBefore('att-1')).toBeNull()
    await run('att-1', mine, 'SIGTERM', 'interrupted')
    expect(await ledger.endBefore('att-1')).toBeNull()
    await run('att-2', other, 'SIGHUP', 'interrupted')
    await run('att-3', mine, null, 'not_started')
    await run('att-4', mine, null, 'interrupted')
    expect(await ledger.endBefore('att-2')).toBeNull()
    expect(await ledger.endBefore('att-4')).toMatchObject({ signal: 'SIGTERM', at: { bootId: 'att-1' } })
    await run('att-5', mine, 'SIGINT', 'interrupted')
    expect(await ledger.endBefore('att-5')).toMatchObject({ signal: null })
    await store.close()
  })

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
