import { describe, expect, test } from 'vitest'
import { FALLS_BACK } from '../../machines/durable/failure-rules.ts'
import type { SpendEntry } from '../../src/contracts/spend.ts'
import { decide, one, said } from './decide.ts'
import { ago, entry, HOUR_MS, MINUTE_MS, NOW, USD } from './samples.ts'

/** $4.00 + $2.50 ended, $1.00 in flight, $3.00 long ago, $8.00 of another repository and agent: sums by hand. */
const LEDGER: readonly SpendEntry[] = [
  entry({
    id: 'att-old',
    startedAt: ago(30 * HOUR_MS),
    endedAt: ago(25 * HOUR_MS),
    settled: { usdMicros: 3 * USD, tokens: 3000 },
  }),
  entry({
    id: 'att-1',
    startedAt: ago(3 * HOUR_MS),
    endedAt: ago(2 * HOUR_MS),
    settled: { usdMicros: 4 * USD, tokens: 4000 },
  }),
  entry({
    id: 'att-2',
    startedAt: ago(70 * MINUTE_MS),
    endedAt: ago(40 * MINUTE_MS),
    settled: { usdMicros: 2.5 * USD, tokens: 2500 },
  }),
  entry({ id: 'att-3' }),
  entry({
    id: 'att-web',
    repo: 'web',
    agent: 'b',
    lane: 'test',
    startedAt: ago(50 * MINUTE_MS),
    endedAt: ago(20 * MINUTE_MS),
    settled: { usdMicros: 8 * USD, tokens: 8000, ending: 'failed' },
  }),
]

describe('sums by hand', () => {
  // In all, the last day: 4.00 + 2.50 + 1.00 + 8.00 = 15.50; the last hour: 2.50 + 1.00 + 8.00 = 11.50.
  // Of api: the day 7.50, the hour 3.50. Runs that started in the last hour: att-3, att-web; in the last day: 4.
  test.each([
    ['day, just enough', { all: { ...one, perDay: { usdMicros: 16.5 * USD } } }, 'ok 1'],
    // att-1 leaves 22 hours from now; but what is in flight may end sooner.
    ['day, less', { all: { ...one, perDay: { usdMicros: 16.49 * USD } } }, 'budget.per_day.usd 1'],
    ['hour, just enough', { all: { ...one, perHour: { usdMicros: 12.5 * USD } } }, 'ok 1'],
    ['hour, less', { all: { ...one, perHour: { usdMicros: 11.7 * USD } } }, 'budget.per_hour.usd 1'],
    // Without att-3 it is still too much: att-2 leaves in 20 minutes.
    ['hour, much less', { all: { ...one, perHour: { usdMicros: 10.6 * USD } } }, 'budget.per_hour.usd 20'],
    // att-2 and att-web have to leave: 40 minutes.
    ['hour, least', { all: { ...one, perHour: { usdMicros: 2 * USD } } }, 'budget.per_hour.usd 40'],
    ['repo day', { all: one, repo: { perDay: { usdMicros: 8.5 * USD } } }, 'ok 1'],
    [
      'repo day, less',
      { all: one, repo: { perDay: { usdMicros: 7.5 * USD } } },
      'repos.api.budget.per_day.usd 1',
    ],
    ['lane hour', { all: one, lane: { perHour: { usdMicros: 4.5 * USD } } }, 'ok 1'],
    [
      'lane hour, less',
      { all: one, lane: { perHour: { usdMicros: 3.5 * USD } } },
      'lanes.goal.budget.per_hour.usd 1',
    ],
    [
      'agent hour, less',
      { all: one, agent: { perHour: { usdMicros: 3.5 * USD } } },
      'agents.a.budget.per_hour.usd 1',
    ],
    ['agent tokens', { all: one, agent: { perDay: { tokens: 8500 } } }, 'ok 1'],
    [
      'agent tokens, less',
      { all: one, agent: { perDay: { tokens: 7700 } } },
      'agents.a.budget.per_day.tokens 1',
    ],
    ['runs an hour', { all: { ...one, perHour: { runs: 3 } } }, 'ok 1'],
    // att-web started 50 minutes ago.
    ['runs an hour, one less', { all: { ...one, perHour: { runs: 2 } } }, 'budget.per_hour.runs 10'],
    ['runs an hour, two less', { all: { ...one, perHour: { runs: 1 } } }, 'budget.per_hour.runs 50'],
    ['runs a day', { all: { ...one, perDay: { runs: 5 } } }, 'ok 1'],
    ['runs a day, one less', { all: { ...one, perDay: { runs: 4 } } }, `budget.per_day.runs ${21 * 60}`],
    ['nothing at all', { all: { ...one, perDay: { usdMicros: 0 } } }, 'budget.per_day.usd never'],
    // The smallest wins, whoever's it is; where several refuse, the one that does so longest.
    [
      'smallest of four',
      { all: { ...one, perDay: { usdMicros: 100 * USD } }, repo: { perTask: { usdMicros: 0.4 * USD } } },
      'ok 0.4',
    ],
    [
      'longest of two',
      { all: { ...one, perHour: { usdMicros: 2 * USD } }, repo: { perHour: { runs: 1 } } },
      'repos.api.budget.per_hour.runs 50',
    ],
  ])('%s', (_name, given, expected) => {
    expect(said(decide(given, LEDGER))).toBe(expected)
  })

  test('one task, over all its attempts, however old', () => {
    const own = [
      entry({
        id: 'att-a',
        task: 'task-new',
        startedAt: ago(90 * HOUR_MS),
        endedAt: ago(80 * HOUR_MS),
        settled: { usdMicros: USD },
      }),
      entry({ id: 'att-b', task: 'task-new', settled: { usdMicros: 1.2 * USD, ending: 'interrupted' } }),
    ]
    const most = (usdMicros: number) => ({ all: { ...one, perTask: { usdMicros } } })
    expect(said(decide(most(3 * USD), own))).toBe('ok 0.8')
    expect(said(decide(most(2.4 * USD), own))).toBe('budget.per_task.usd never')
    expect(said(decide(most(2.4 * USD), own, { task: 'task-other' }))).toBe('ok 1')
  })
})

describe('other rules', () => {
  test('concurrency of a repository and of an agent', () => {
    const open = [entry({ id: 'att-1' }), entry({ id: 'att-2', settled: {} })]
    expect(said(decide({ repoConcurrency: 1 }, open))).toBe('repos.api.concurrency 1')
    expect(said(decide({ repoConcurrency: 2 }, open))).toBe('ok 0')
    expect(said(decide({ repoConcurrency: 1 }, open, { repo: 'web' }))).toBe('ok 0')
    expect(said(decide({ agentConcurrency: 1 }, open))).toBe('agents.a.concurrency 1')
    expect(said(decide({ agentConcurrency: 1 }, open, { agent: 'b' }))).toBe('ok 0')
  })

  test('a maintenance window names its end', () => {
    const minute = Math.floor((NOW.wallMs % 86_400_000) / MINUTE_MS)
    const other = { maintenanceWindows: [{ days: [], fromMinute: minute - 10, toMinute: minute + 30 }] }
    expect(said(decide({ other }))).toBe('maintenance_windows 30')
  })

  test('work that came to nothing is not done again until something changes', () => {
    const barren = entry({
      id: 'att-1',
      task: 'task-new',
      signature: 'a'.repeat(64),
      settled: {},
      conclusion: { result: 'no_op', fruitless: true, retryAtMs: null, turnedAway: false, erosion: 0 },
    })
    const same = { signature: 'a'.repeat(64) }
    expect(decide({}, [barren], same)).toMatchObject({ granted: false, failure: 'no_op', retryInMs: null })
    expect(decide({}, [barren], { signature: 'b'.repeat(64) }).granted).toBe(true)
    expect(
      decide(
        {},
        [
          {
            ...barren,
            conclusion: {
              result: 'no_progress',
              fruitless: false,
              retryAtMs: null,
              turnedAway: false,
              erosion: 0,
            },
          },
        ],
        same,
      ).granted,
    ).toBe(true)
  })

  test('an agent that keeps failing', () => {
    const failures = [1, 2, 3].map((n) =>
      entry({
        id: `att-${n}`,
        settled: { ending: 'failed' },
        conclusion: {
          result: 'model_error',
          fruitless: false,
          retryAtMs: null,
          turnedAway: false,
          erosion: 0,
        },
      }),
    )
    expect(said(decide({}, failures))).toBe('breaker 25')
    expect(said(decide({}, failures, { agent: 'b' }))).toBe('ok 0')
    expect(said(decide({}, failures, { agentVersion: '2.0' }))).toBe('ok 0')
  })
})

describe('who is refused, and whether a fallback may stand in', () => {
  const minute = Math.floor((NOW.wallMs % 86_400_000) / MINUTE_MS)
  const maintenanceWindows = [{ days: [], fromMinute: minute - 10, toMinute: minute + 30 }]
  const failed = [1, 2, 3].map((n) =>
    entry({
      id: `att-${n}`,
      settled: { ending: 'failed' },
      conclusion: { result: 'model_error', fruitless: false, retryAtMs: null, turnedAway: false, erosion: 0 },
    }),
  )
  const open = [entry({ id: 'att-1', task: 'task-new' })]
  const one = { perHour: { runs: 1 } }
  test.each([
    ['a window', 'maintenance_windows', { other: { maintenanceWindows } }, [], 'infra_tooling', false],
    ['a busy repository', 'repos.api.concurrency', { repoConcurrency: 1 }, open, 'infra_tooling', false],
    ['a busy agent', 'agents.a.concurrency', { agentConcurrency: 1 }, open, 'rate_limited', true],
    ['a broken agent', 'breaker', {}, failed, 'rate_limited', true],
    ['a cap on all', 'budget.per_hour.runs', { all: one }, open, 'infra_tooling', false],
    [
      'a cap on the repository',
      'repos.api.budget.per_hour.runs',
      { repo: one },
      open,
      'infra_tooling',
      false,
    ],
    ['a cap on the lane', 'lanes.goal.budget.per_hour.runs', { lane: one }, open, 'infra_tooling', false],
    ['its own cap', 'agents.a.budget.per_hour.runs', { agent: one }, open, 'quota_exhausted', true],
  ] as const)('%s', (_name, cap, given, entries, failure, standsIn) => {
    const decision = decide(given, entries)
    expect(decision).toMatchObject({ granted: false, cap, failure })
    expect(decision.granted || decision.reason.startsWith(`${cap}: `)).toBe(true)
    expect(FALLS_BACK.has(failure)).toBe(standsIn)
  })

  test('what time alone does not change is a quota that is used up', () => {
    const spent = [entry({ id: 'att-1', task: 'task-new', settled: { usdMicros: USD } })]
    expect(decide({ all: { perTask: { usdMicros: USD } } }, spent)).toMatchObject({
      cap: 'budget.per_task.usd',
      retryInMs: null,
      failure: 'quota_exhausted',
    })
  })
})
