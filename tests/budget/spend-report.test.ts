import { describe, expect, test } from 'vitest'
import { agentHealth } from '../../src/budget/agent-health.ts'
import { findSlowRuns } from '../../src/budget/slow-runs.ts'
import { capStandings, sumOf, sumsBy, withinWindow } from '../../src/budget/spend-report.ts'
import { spendWarnings } from '../../src/cli/spend/spend-warnings.ts'
import { ago, entry, HOUR_MS, MINUTE_MS, NOW, rules, USD } from './samples.ts'

const DAY_MS = 24 * HOUR_MS

const LEDGER = [
  entry({
    id: 'att-1',
    startedAt: ago(50 * HOUR_MS),
    endedAt: ago(49 * HOUR_MS),
    settled: { usdMicros: 3 * USD, tokens: 30 },
  }),
  entry({
    id: 'att-2',
    repo: 'web',
    startedAt: ago(5 * HOUR_MS),
    endedAt: ago(4 * HOUR_MS),
    settled: { usdMicros: 0, coveredUsdMicros: 7 * USD, tokens: 40 },
  }),
  entry({ id: 'att-3', settled: { usdMicros: USD, tokens: 5, estimated: true, ending: 'interrupted' } }),
  entry({ id: 'att-4', settled: { usdMicros: 0, tokens: 0, ending: 'not_started' } }),
  entry({ id: 'att-5' }),
]

describe('sums', () => {
  test('of everything: real, covered, estimated and reserved apart', () => {
    expect(sumOf(LEDGER)).toEqual({
      runs: 3,
      uncounted: 0,
      tokens: 75,
      usdMicros: 4 * USD,
      coveredUsdMicros: 7 * USD,
      estimatedUsdMicros: USD,
      open: { runs: 1, tokens: 1000, usdMicros: USD },
    })
  })

  test('tell how many runs are in them that nobody counts', () => {
    const silent = entry({ id: 'att-6', settled: { usdMicros: 0, tokens: 0, uncounted: true } })
    expect(sumOf([...LEDGER, silent])).toMatchObject({ runs: 4, uncounted: 1, tokens: 75 })
  })

  test('of a window: what is open or ended within it', () => {
    const ids = (windowMs: number) => withinWindow(LEDGER, windowMs, NOW).map(({ id }) => id)
    expect(ids(DAY_MS)).toEqual(['att-2', 'att-3', 'att-4', 'att-5'])
    expect(ids(HOUR_MS)).toEqual(['att-3', 'att-4', 'att-5'])
  })

  test('by repository, task and day', () => {
    expect(sumsBy(LEDGER, 'repo', 'UTC').map(({ name, sum }) => [name, sum.usdMicros / USD])).toEqual([
      ['api', 4],
      ['web', 0],
    ])
    expect(sumsBy(LEDGER, 'task', 'UTC')).toHaveLength(5)
    // NOW is 2027-01-15T08:00Z.
    expect(sumsBy(LEDGER, 'day', 'UTC').map(({ name, sum }) => [name, sum.runs])).toEqual([
      ['2027-01-13', 1],
      ['2027-01-15', 2],
    ])
    expect(sumsBy(LEDGER.slice(1, 2), 'day', 'America/Los_Angeles')[0]?.name).toBe('2027-01-14')
  })

  test('what the caps leave', () => {
    const given = rules({
      all: { perDay: { usdMicros: 5 * USD, runs: 4 } },
      repo: { perHour: { tokens: 1000 } },
    })
    expect(capStandings(given, LEDGER, NOW).map(({ name, used, left }) => [name, used, left])).toEqual([
      ['budget.per_day.runs', 3, 1],
      ['budget.per_day.usd', 2 * USD, 3 * USD],
      ['repos.api.budget.per_hour.tokens', 1005, 0],
    ])
  })
})

describe('warnings', () => {
  const outcomes = (text: string, erosion = 0) =>
    [...text].map((letter, n) =>
      entry({
        id: `att-o${n}`,
        startedAt: ago((60 - n) * MINUTE_MS),
        endedAt: ago((58 - n) * MINUTE_MS),
        settled: {},
        conclusion: {
          result: letter === 's' ? 'succeeded' : 'model_error',
          fruitless: false,
          retryAtMs: null,
          turnedAway: false,
          erosion,
        },
      }),
    )

  test.each([
    ['ffss', false],
    ['ffsss', false],
    ['fffss', true],
    ['fffsss', true],
    ['ffffssssss', false],
  ])('degraded under 60 %% of at least five: %s %s', (text, degraded) => {
    expect(agentHealth(rules(), outcomes(text), NOW)).toMatchObject([{ agent: 'a', degraded }])
  })

  test('warn_below bites, and what is told has one action', () => {
    const strict = rules({ other: { breaker: { ...rules().breaker, warnBelow: 0.7 } } })
    expect(spendWarnings(strict, outcomes('ffsss'), NOW)).toEqual([
      {
        kind: 'agent',
        subject: 'a',
        reason: 'degraded: 3 of its last 5 attempts succeeded',
        action: 'oc-supervise spend --by agent',
      },
    ])
    expect(spendWarnings(rules(), outcomes('ffsss'), NOW)).toEqual([])
    expect(spendWarnings(rules(), outcomes('ffff'), NOW)[0]?.reason).toMatch(
      /^4 of its last 4 attempts failed;/,
    )
  })

  test.each([
    [0, []],
    [1, ['5 suppressions, weakened tests or edited checks in its last 5 attempts']],
  ])('what wears down the checks is counted: %i an attempt', (erosion, told) =>
    expect(spendWarnings(rules(), outcomes('sssss', erosion), NOW).map(({ reason }) => reason)).toEqual(told),
  )

  test('two are no habit yet', () => expect(spendWarnings(rules(), outcomes('ss', 1), NOW)).toEqual([]))

  test('a run that takes more than twice the median of its kind', () => {
    const usual = outcomes('sss')
    const running = (minutes: number) => entry({ id: 'att-now', startedAt: ago(minutes * MINUTE_MS) })
    expect(findSlowRuns([...usual, running(4)], NOW)).toEqual([])
    expect(findSlowRuns([...usual, running(5)], NOW)).toMatchObject([
      { attempt: 'att-now', usualMs: 2 * MINUTE_MS },
    ])
    expect(findSlowRuns([...usual.slice(1), running(50)], NOW)).toEqual([])
    const quick = usual.map((each) => ({ ...each, endedAt: each.startedAt }))
    expect(findSlowRuns([...quick, running(0.9)], NOW)).toEqual([])
    expect(findSlowRuns([...quick, running(1.1)], NOW)).toHaveLength(1)
    expect(
      findSlowRuns([...usual, entry({ id: 'att-b', agent: 'b', startedAt: ago(HOUR_MS) })], NOW),
    ).toEqual([])
  })
})
