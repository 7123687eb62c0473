import { describe, expect, test } from 'vitest'
import { FALLS_BACK } from '../../machines/durable/failure-rules.ts'
import { decideReservation } from '../../src/budget/decide-reservation.ts'
import type { SpendConclusion, SpendEntry } from '../../src/contracts/spend.ts'
import { ago, entry, HOUR_MS, MINUTE_MS, NOW, question, rules, USD } from './samples.ts'

const decide = (
  given: Parameters<typeof rules>[0],
  entries: readonly SpendEntry[] = [],
  asked: Parameters<typeof question>[0] = {},
  latest: readonly SpendEntry[] = [],
) => decideReservation(rules(given), { entries, latest }, question(asked), NOW)

/** What a decision says in a word: `ok $1.00`, or the key that refuses and after how many minutes it may be asked again. */
const said = (decision: ReturnType<typeof decide>): string => {
  if (decision.granted) return `ok ${decision.reserved.usdMicros / USD}`
  return `${decision.cap} ${decision.retryInMs === null ? 'never' : decision.retryInMs / MINUTE_MS}`
}

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

const one = { perAttempt: { usdMicros: USD, tokens: 1000 } }

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

describe('what is reserved', () => {
  const spent = (usd: number, n: number) =>
    entry({ id: `att-h${n}`, settled: { usdMicros: usd * USD, tokens: 1 } })
  const day = { all: { perDay: { usdMicros: 100 * USD } } }

  test('the default while nothing is known, and never more than the smallest cap leaves', () => {
    expect(said(decide(day))).toBe('ok 5')
    expect(said(decide({ all: { perDay: { usdMicros: 2 * USD } } }))).toBe('ok 2')
    expect(said(decide({ all: { perTask: { usdMicros: 3 * USD }, perDay: { usdMicros: 100 * USD } } }))).toBe(
      'ok 3',
    )
  })

  test('three times the median of what the agent used in this lane', () => {
    const latest = [1, 2, 9].map(spent)
    expect(said(decide(day, [], {}, latest))).toBe('ok 6')
    expect(said(decide(day, [], {}, latest.slice(0, 2)))).toBe('ok 5')
    expect(said(decide(day, [], {}, [0, 0, 0].map(spent)))).toBe('ok 0.5')
  })

  test('of runs without a known price the tokens are known, and the dollars are not', () => {
    const unpriced = [1, 2, 3].map((n) =>
      entry({ id: `att-u${n}`, settled: { tokens: 400_000, usdMicros: USD, estimated: true } }),
    )
    const caps = { all: { perDay: { usdMicros: 100 * USD, tokens: 90_000_000 } } }
    expect(decide(caps, [], {}, unpriced)).toMatchObject({
      reserved: { tokens: 1_200_000, usdMicros: 5 * USD },
    })
    const guessed = [1, 2, 3].map((n) =>
      entry({ id: `att-g${n}`, settled: { tokens: 1000, usdMicros: USD, estimated: true } }),
    )
    expect(decide(caps, [], {}, guessed)).toMatchObject({ reserved: { tokens: 5_000_000 } })
  })

  const DAY_LATER = `budget.per_day.usd ${22 * 60}`
  // What the task, or another stretch, would not let it have need not be left either.
  test.each([
    ['all of what it may need', { perDay: 20 }, [1, 1, 1], 17, 'ok 3'],
    ['a cent less', { perDay: 20 }, [1, 1, 1], 17.01, DAY_LATER],
    ['at first all that is reserved', { perDay: 20 }, [], 15.01, DAY_LATER],
    ['one that is known tells more than none', { perDay: 3 }, [0.75], 0.75, 'ok 2.25'],
    ['the larger of two', { perDay: 3 }, [0.1, 0.76], 0.75, DAY_LATER],
    ['no more than is reserved', { perDay: 20 }, [4], 15, 'ok 5'],
    ['no more than a smaller stretch gives', { perDay: 20, perHour: 2 }, [], 18, 'ok 2'],
    ['no more than the task has left', { perDay: 20, perTask: 2 }, [], 18, 'ok 2'],
    ['of the cap on an attempt what it may need', { perDay: 20, perAttempt: 8 }, [1, 1, 1], 17, 'ok 3'],
    ['a quarter of it at least', { perDay: 20, perAttempt: 8 }, [0.1], 18, 'ok 2'],
    ['of a task a quarter', { perTask: 3 }, [1, 1, 1], 0, 'ok 3'],
  ] as const)('has to be left: %s', (_name, caps, known, usedUsd, expected) => {
    const cap = (usd: number | undefined) => (usd === undefined ? {} : { usdMicros: usd * USD })
    const { perDay, perHour, perTask, perAttempt } = caps as Partial<Record<string, number>>
    const given = {
      all: { perDay: cap(perDay), perHour: cap(perHour), perTask: cap(perTask), perAttempt: cap(perAttempt) },
    }
    const used = entry({
      id: 'att-used',
      startedAt: ago(3 * HOUR_MS),
      endedAt: ago(2 * HOUR_MS),
      settled: { usdMicros: usedUsd * USD },
    })
    for (const task of ['task-new', null])
      expect(said(decide(given, [used], { task }, known.map(spent)))).toBe(expected)
  })

  test('the limits of the keeper are what was reserved; without a cap there are none', () => {
    expect(decide(day)).toMatchObject({ limits: { usdMicros: 5 * USD, tokens: null } })
    expect(decide({})).toMatchObject({
      limits: { usdMicros: null, tokens: null },
      reserved: { usdMicros: 0 },
    })
    expect(decide({ agent: { perAttempt: { tokens: 7 } } })).toMatchObject({ limits: { tokens: 7 } })
  })

  test.each([
    ['usdMicros', 'usd'],
    ['tokens', 'tokens'],
  ] as const)('an attempt that may use no %s is not run (regression: without any limit)', (measure, word) => {
    const given = { ...day, agent: { perAttempt: { [measure]: 0 } } }
    expect(said(decide(given))).toBe(`agents.a.budget.per_attempt.${word} never`)
    const covered = { counts: { tokens: false, usd: false } }
    expect(decide(given, [], covered).granted).toBe(true)
  })

  test('the smallest of all caps on one attempt', () => {
    const given = {
      all: { perAttempt: { usdMicros: 3 * USD } },
      repo: { perAttempt: { usdMicros: 2 * USD } },
      lane: { perAttempt: { usdMicros: 4 * USD } },
      agent: { perAttempt: { usdMicros: 5 * USD } },
    }
    expect(decide(given)).toMatchObject({ limits: { usdMicros: 2 * USD } })
  })

  test('what runs already is paid for, whatever says no', () => {
    const full = { all: { perDay: { usdMicros: USD, runs: 0 } }, agentConcurrency: 1 }
    const open = [entry({ id: 'att-1' })]
    expect(decide(full, open).granted).toBe(false)
    expect(decide(full, open, { isRunning: true })).toMatchObject({
      granted: true,
      reserved: { usdMicros: 1 },
    })
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
