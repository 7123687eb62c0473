import { describe, expect, test } from 'vitest'
import { isIntact, ledgerOn, open, reserve, settle, usageOf } from './ledger-given.ts'
import { question, USD } from './samples.ts'

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
    for (const n of [1, 2, 3, 4]) await reserve(ledger, n)
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
    await ledger.settle('att-4', {
      ending: 'completed',
      usage: 'uncounted',
      isPriced: true,
      endedAt: null,
      signal: null,
    })
    const settled = (await store.listSpend({ limit: 9 })).map(({ settled }) => [
      settled?.usdMicros,
      settled?.estimated,
      settled?.uncounted,
    ])
    expect(settled).toEqual([
      [2 * USD, true, false],
      [0, false, false],
      [2 * USD, true, false],
      [0, false, true],
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
})
