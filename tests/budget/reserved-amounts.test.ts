import { describe, expect, test } from 'vitest'
import { decide, said } from './decide.ts'
import { ago, entry, HOUR_MS, USD } from './samples.ts'

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
