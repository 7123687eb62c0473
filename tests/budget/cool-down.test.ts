import { describe, expect, test } from 'vitest'
import { coolDownOf } from '../../src/budget/cool-down.ts'
import { decideReservation } from '../../src/budget/decide-reservation.ts'
import type { SpendConclusion, SpendEntry } from '../../src/contracts/spend.ts'
import { ago, entry, MINUTE_MS, NOW, question, rules } from './samples.ts'

let n = 0

/** A run of agent `a` for a task of its own that ended so many minutes ago. */
const ended = (
  minutesAgo: number,
  result: SpendConclusion['result'],
  over: {
    readonly retryInMin?: number
    readonly byUs?: boolean
    readonly entry?: Partial<Parameters<typeof entry>[0]>
  } = {},
): SpendEntry => {
  const endedAt = ago(minutesAgo * MINUTE_MS)
  const retryAtMs = over.retryInMin === undefined ? null : endedAt.wallMs + over.retryInMin * MINUTE_MS
  n += 1
  return entry({
    id: `att-${n}` as SpendEntry['id'],
    settled: {},
    endedAt,
    conclusion: {
      result,
      fruitless: false,
      retryAtMs,
      turnedAway: over.byUs !== true && (result === 'quota_exhausted' || result === 'rate_limited'),
      erosion: 0,
    },
    ...over.entry,
  })
}
const leftMin = (entries: readonly SpendEntry[]) => {
  const coolDown = coolDownOf(entries, 'a', NOW)
  return coolDown === null ? null : coolDown.leftMs / MINUTE_MS
}

describe('how long an agent is left alone', () => {
  test.each([
    ['nothing was ever run', [], null],
    ['its last run went well', [ended(1, 'succeeded')], null],
    ['its last run failed by itself', [ended(1, 'validation_failure')], null],
    ['until the instant that its service named', [ended(5, 'quota_exhausted', { retryInMin: 90 })], 85],
    ['that instant is over', [ended(5, 'rate_limited', { retryInMin: 4 })], null],
    ['an hour after a quota that nobody dates', [ended(20, 'quota_exhausted')], 40],
    ['a minute after a rate limit', [ended(0.5, 'rate_limited')], 0.5],
    [
      'doubled with each in a row',
      [ended(9, 'rate_limited'), ended(5, 'rate_limited'), ended(1, 'rate_limited')],
      3,
    ],
    ['up to an hour', Array.from({ length: 12 }, (_, n) => ended(13 - n, 'rate_limited')), 58],
    [
      'a success in between begins anew',
      [ended(9, 'rate_limited'), ended(5, 'succeeded'), ended(0, 'rate_limited')],
      1,
    ],
    ['a later success ends it', [ended(9, 'quota_exhausted'), ended(5, 'succeeded')], null],
    ['another agent was turned away', [ended(1, 'quota_exhausted', { entry: { agent: 'b' } })], null],
    ['it was we who stopped it', [ended(1, 'quota_exhausted', { byUs: true })], null],
  ] as const)('%s', (_what, entries, expected) => expect(leftMin(entries)).toBe(expected))
})

describe('a run that is asked for meanwhile', () => {
  const entries = [ended(5, 'rate_limited', { retryInMin: 15 })]
  const ask = (over: Parameters<typeof question>[0]) =>
    decideReservation(rules({}), { entries, latest: [] }, question(over), NOW)

  test('is refused by the agent’s name until then, for other tasks too', () =>
    expect(ask({ task: 'task-other' })).toMatchObject({
      granted: false,
      cap: 'agents.a',
      failure: 'rate_limited',
      retryInMs: 10 * MINUTE_MS,
    }))

  test('is refused for as long as a quota lasts, though no cap looks back so far (regression: for a day)', () => {
    const latest = [ended(3 * 24 * 60, 'quota_exhausted', { retryInMin: 5 * 24 * 60 })]
    const decided = (entries: readonly SpendEntry[]) =>
      decideReservation(rules({}), { entries, latest }, question(), NOW)
    expect(decided([])).toMatchObject({ cap: 'agents.a', retryInMs: 2 * 24 * 60 * MINUTE_MS })
    expect(decided([ended(60, 'succeeded')])).toMatchObject({ granted: true })
  })

  test('counts what is told twice once', () => {
    const [one, other] = [ended(3, 'rate_limited'), ended(0, 'rate_limited')]
    const facts = { entries: [one, other], latest: [other, one] }
    expect(decideReservation(rules({}), facts, question(), NOW)).toMatchObject({ retryInMs: 2 * MINUTE_MS })
  })

  test('is granted where a person insists', () => expect(ask({ isInsisted: true }).granted).toBe(true))

  test('is granted to another agent', () => expect(ask({ agent: 'b' }).granted).toBe(true))
})
