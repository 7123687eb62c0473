import { describe, expect, test } from 'vitest'
import { decideReservation } from '../../src/budget/decide-reservation.ts'
import type { SpendConclusion, SpendEntry } from '../../src/contracts/spend.ts'
import { decide, one, said } from './decide.ts'
import { ago, entry, HOUR_MS, MINUTE_MS, NOW, question, rules, USD } from './samples.ts'

describe('what counts', () => {
  const cap = { all: { ...one, perHour: { runs: 1 } } }
  test.each([
    ['completed', 'budget.per_hour.runs 50'],
    ['failed', 'budget.per_hour.runs 50'],
    ['cancelled', 'budget.per_hour.runs 50'],
    ['interrupted', 'budget.per_hour.runs 50'],
    ['not_started', 'ok 1'],
  ] as const)('a run that was %s', (ending, expected) => {
    expect(said(decide(cap, [entry({ id: 'att-1', settled: { ending } })]))).toBe(expected)
  })

  test('an interrupted run is charged', () => {
    const spent = [entry({ id: 'att-1', settled: { ending: 'interrupted', usdMicros: 2 * USD } })]
    expect(said(decide({ all: { ...one, perDay: { usdMicros: 2 * USD } } }, spent))).toBe(
      `budget.per_day.usd ${24 * 60 - 5}`,
    )
  })

  test('what a subscription covers uses up no money, but tokens', () => {
    const spent = [entry({ id: 'att-1', settled: { usdMicros: 0, coveredUsdMicros: 9 * USD, tokens: 900 } })]
    expect(said(decide({ all: { ...one, perDay: { usdMicros: USD } } }, spent))).toBe('ok 1')
    expect(said(decide({ all: { ...one, perDay: { tokens: 1000 } } }, spent))).toBe(
      `budget.per_day.tokens ${24 * 60 - 5}`,
    )
  })

  test('an agent that nobody can count has no limits, and runs all the same', () => {
    const decision = decide({ all: { ...one, perDay: { usdMicros: 0 } } }, [], {
      counts: { tokens: false, usd: false },
    })
    expect(decision).toEqual({
      granted: true,
      reserved: { tokens: 0, usdMicros: 0 },
      limits: { tokens: null, usdMicros: null },
    })
  })

  test('setting the clock frees nothing; after a reboot the wall clock counts', () => {
    const cap = { all: { ...one, perHour: { usdMicros: USD } } }
    const spent = entry({ id: 'att-1', settled: { usdMicros: USD } })
    const moved = { ...NOW, wallMs: NOW.wallMs + 5 * HOUR_MS }
    const facts = { entries: [spent], latest: [] }
    expect(decideReservation(rules(cap), facts, question(), moved)).toMatchObject({
      retryInMs: 55 * MINUTE_MS,
    })
    const rebooted = { ...moved, bootId: 'boot-2' }
    expect(decideReservation(rules(cap), facts, question(), rebooted).granted).toBe(true)
  })
})

describe('attempts of a task', () => {
  const most = { all: { ...one, perTask: { attempts: 2 } } }
  const tried = (id: string, minutesAgo: number, over: Partial<SpendEntry> = {}) =>
    entry({
      id,
      task: 'task-new',
      startedAt: ago((minutesAgo + 5) * MINUTE_MS),
      endedAt: ago(minutesAgo * MINUTE_MS),
      settled: { ending: 'failed' },
      ...over,
    } as Parameters<typeof entry>[0])

  const turnedAway = (result: SpendConclusion['result']) => ({
    conclusion: { result, fruitless: false, retryAtMs: NOW.wallMs, turnedAway: true, erosion: 0 },
  })

  // The reset of an hour as the seed has it: 30 and 59 minutes block, 61 allow.
  test.each([
    [30, false],
    [59, false],
    [61, true],
  ])('two, the last %i minutes ago', (minutes, granted) => {
    const decision = decide(most, [tried('att-1', minutes + 30), tried('att-2', minutes)])
    expect(decision.granted).toBe(granted)
    if (!decision.granted) expect(Math.round((decision.retryInMs ?? 0) / MINUTE_MS)).toBe(60 - minutes)
  })

  test('being asked again and again resets nothing', () => {
    const tries = [tried('att-1', 50), tried('att-2', 20)]
    for (let n = 0; n < 3; n += 1)
      expect(said(decide(most, tries)).split(' ')[0]).toBe('budget.per_task.attempts')
  })

  test.each([
    ['interrupted', { settled: { ending: 'interrupted' } }],
    ['taken back', { settled: { ending: 'cancelled' } }],
    ['out of quota', turnedAway('quota_exhausted')],
    ['told to come back later', turnedAway('rate_limited')],
  ] as const)('one that was %s is none', (_name, over) => {
    const tries = [tried('att-1', 20), tried('att-2', 10, over as unknown as Partial<SpendEntry>)]
    expect(decide(most, tries).granted).toBe(true)
  })

  test('one that used up the money reserved for it is one', () => {
    const { conclusion } = turnedAway('quota_exhausted')
    const stopped = tried('att-2', 10, { conclusion: { ...conclusion, turnedAway: false } })
    expect(decide(most, [tried('att-1', 20), stopped]).granted).toBe(false)
  })
})
