import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffBoundMs, decideBackoff, failuresInARow } from '../../../supervisor/decide/decide-backoff.ts'

const systemd = { minMs: 10_000, maxMs: 160_000, steps: 4, resetAfterMs: 600_000 }

test.each([
  [0, 0],
  [1, 0],
  [2, 10_000],
  [3, 20_000],
  [4, 40_000],
  [5, 80_000],
  [6, 160_000],
  [7, 160_000],
  [1_000, 160_000],
])('failure number %i waits at most %i ms (systemd: 10 to 160 s in 4 steps)', (failures, boundMs) => {
  expect(backoffBoundMs(failures, systemd)).toBeCloseTo(boundMs)
})

test.each([
  { minMs: 0, maxMs: 0, steps: 3, resetAfterMs: 0, boundMs: 0 },
  { minMs: 0, maxMs: 8, steps: 3, resetAfterMs: 0, boundMs: 1 },
  { minMs: 500, maxMs: 100, steps: 3, resetAfterMs: 0, boundMs: 100 },
])('odd limits never exceed the maximum: min $minMs, max $maxMs', ({ boundMs, ...backoff }) => {
  expect(backoffBoundMs(2, backoff)).toBe(boundMs)
})

test('the bound never falls with the number of failures, and jitter stays within it', () => {
  const backoffs = fc.record({
    minMs: fc.integer({ min: 0, max: 10_000 }),
    maxMs: fc.integer({ min: 0, max: 1_000_000 }),
    steps: fc.integer({ min: 1, max: 20 }),
    resetAfterMs: fc.constant(1),
  })
  fc.assert(
    fc.property(
      backoffs,
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (backoff, n, jitter) => {
        const bound = backoffBoundMs(n, backoff)
        expect(backoffBoundMs(n + 1, backoff)).toBeGreaterThanOrEqual(bound - 1e-6)
        expect(bound).toBeLessThanOrEqual(backoff.maxMs)
        const wait = decideBackoff(n, backoff, jitter)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(Math.round(bound))
      },
    ),
  )
})

test.each([
  ['none yet', [], 0],
  ['one that never was ready', [0], 1],
  ['several in a row', [0, 5, 7], 3],
  ['one after proven health counts as the first', [0, 0, 600_000], 1],
  ['health in the past resets what came before it', [0, 0, 600_000, 0, 0], 3],
  ['nearly healthy is not healthy', [0, 599_999], 2],
])('failures in a row: %s', (_name, readyMs, count) => {
  expect(failuresInARow(readyMs, systemd)).toBe(count)
})
