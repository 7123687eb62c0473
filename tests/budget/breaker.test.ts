import { describe, expect, test } from 'vitest'
import { breakerOf } from '../../src/budget/breaker.ts'
import type { SpendConclusion, SpendEntry } from '../../src/contracts/spend.ts'
import { ago, entry, HOUR_MS, MINUTE_MS, NOW, rules } from './samples.ts'

const { breaker } = rules()

/** `s` succeeded, `f` failed, `q` out of quota, `i` interrupted; the last one ended `lastMs` ago, each a minute apart. */
const history = (text: string, lastMs = 40 * MINUTE_MS, version: string | null = null): SpendEntry[] =>
  [...text].map((letter, at) => {
    const endedMs = lastMs + (text.length - 1 - at) * MINUTE_MS
    const conclusion: SpendConclusion | null =
      letter === 'i'
        ? null
        : {
            result: RESULTS[letter] as SpendConclusion['result'],
            fruitless: false,
            retryAtMs: null,
            turnedAway: false,
            erosion: 0,
          }
    return entry({
      id: `att-${letter}${at}${lastMs}`,
      agentVersion: version,
      startedAt: ago(endedMs + MINUTE_MS / 2),
      endedAt: ago(endedMs),
      settled: { ending: letter === 'i' ? 'interrupted' : 'completed' },
      conclusion,
    })
  })

const RESULTS: Readonly<Record<string, string>> = { s: 'succeeded', f: 'model_error', q: 'quota_exhausted' }

const state = (entries: readonly SpendEntry[], version: string | null = null) =>
  breakerOf(breaker, entries, { agent: 'a', version, now: NOW })

describe('breakerOf', () => {
  test.each([
    ['', 'closed'],
    ['ff', 'closed'],
    ['fff', 'open'],
    ['sff', 'closed'],
    ['sffff', 'open'],
    ['ssfff', 'closed'],
    ['ssffff', 'open'],
    // Neither a quota nor an interruption says anything about the agent.
    ['ffq', 'closed'],
    ['ffi', 'closed'],
    ['ffqif', 'open'],
    // A success on trial forgets what was before.
    ['fffs', 'closed'],
    ['fffff'.concat('s', 'ff'), 'closed'],
    ['fffff'.concat('s', 'fff'), 'closed'],
    ['fffff'.concat('s', 'ffff'), 'open'],
  ])('%s: %s', (text, expected) => expect(state(history(text)).state).toBe(expected))

  test('after the cool-down one is made on trial; while it is under way no other', () => {
    expect(state(history('fff', 10 * MINUTE_MS))).toEqual({
      state: 'open',
      failures: 3,
      of: 3,
      trialInMs: 20 * MINUTE_MS,
    })
    expect(state(history('fff', 30 * MINUTE_MS))).toMatchObject({ trialInMs: 0 })
    const trial = entry({ id: 'att-trial', startedAt: ago(MINUTE_MS) })
    expect(state([...history('fff', 30 * MINUTE_MS), trial])).toMatchObject({
      state: 'open',
      trialInMs: null,
    })
    const earlier = entry({ id: 'att-early', startedAt: ago(2 * HOUR_MS) })
    expect(state([earlier, ...history('fff', 30 * MINUTE_MS)])).toMatchObject({ trialInMs: 0 })
  })

  test.each([
    ['completed', 'its checks run', null],
    ['failed', 'its end is being recorded', null],
    ['interrupted', 'it says nothing', 0],
    ['cancelled', 'it was taken back', 0],
    ['not_started', 'nothing was run', 0],
  ] as const)('a trial that is %s is under way while nothing is concluded: %s', (ending, _why, trialInMs) => {
    const trial = (endedMs: number) =>
      entry({
        id: 'att-trial',
        startedAt: ago(endedMs + MINUTE_MS),
        endedAt: ago(endedMs),
        settled: { ending },
      })
    expect(state([...history('fff', 60 * MINUTE_MS), trial(MINUTE_MS)])).toMatchObject({ trialInMs })
    // Taken back while its checks ran, it is never concluded.
    expect(state([...history('fff', 60 * MINUTE_MS), trial(30 * MINUTE_MS)])).toMatchObject({ trialInMs: 0 })
  })

  test('a trial that fails starts the cool-down anew', () => {
    expect(state([...history('fff', 60 * MINUTE_MS), ...history('f', 5 * MINUTE_MS)])).toMatchObject({
      failures: 4,
      trialInMs: 25 * MINUTE_MS,
    })
  })

  test('another version begins anew, and the old one is not forgotten', () => {
    const entries = [...history('fff', 60 * MINUTE_MS, '1.0'), ...history('s', 5 * MINUTE_MS, '2.0')]
    expect(state(entries).state).toBe('closed')
    expect(state(entries, '1.0').state).toBe('open')
    expect(state(entries, '2.0').state).toBe('closed')
  })

  test('what is stale is forgotten', () => {
    expect(state(history('fff', 4 * HOUR_MS - MINUTE_MS)).state).toBe('closed')
    expect(state(history('fff', 4 * HOUR_MS - 3 * MINUTE_MS)).state).toBe('open')
  })

  test('every key bites', () => {
    const with_ = (change: Partial<typeof breaker>, text: string) =>
      breakerOf({ ...breaker, ...change }, history(text), { agent: 'a', version: null, now: NOW }).state
    expect(with_({ min: 2 }, 'ff')).toBe('open')
    expect(with_({ threshold: 1 }, 'sffff')).toBe('closed')
    expect(with_({ window: 3 }, 'ssfff')).toBe('open')
    expect(with_({ staleAfterMs: 30 * MINUTE_MS }, 'fff')).toBe('closed')
  })
})
