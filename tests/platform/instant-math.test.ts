import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Instant } from '../../src/contracts/instant.ts'
import { ageMs, isDue, plusMs } from '../../src/platform/instant-math.ts'

const at = (wallMs: number, monoMs: number, bootId = 'a'): Instant => ({ wallMs, monoMs, bootId })

describe('ageMs and isDue', () => {
  test.each([
    ['same boot, clocks agree', at(2_000, 200), at(1_000, 100), 100, true],
    ['same boot, clock set back by a day', at(0, 200), at(86_400_000, 100), 100, true],
    ['same boot, clock set forward', at(9_000_000, 100), at(1_000, 100), 0, true],
    ['same boot, not yet', at(5_000, 100), at(1_000, 150), 0, false],
    ['other boot, by the wall clock', at(2_000, 5), at(1_000, 9_999, 'b'), 1_000, true],
    ['other boot, clock set back: never negative', at(1_000, 5), at(2_000, 1, 'b'), 0, false],
  ])('%s', (_name, now, then, age, due) => {
    expect(ageMs(now, then)).toBe(age)
    expect(isDue(now, then)).toBe(due)
  })
})

const instants = fc.record({
  wallMs: fc.integer({ min: 0, max: 4e12 }),
  monoMs: fc.integer({ min: 0, max: 1e10 }),
  bootId: fc.constantFrom('a', 'b'),
})

describe('plusMs', () => {
  test('an instant is due exactly when its delay has passed, whatever the wall clock does', () => {
    fc.assert(
      fc.property(
        instants,
        fc.nat(1e9),
        fc.nat(1e9),
        fc.integer({ min: 0, max: 4e12 }),
        (start, delay, passed, wallMs) => {
          const now = { ...start, monoMs: start.monoMs + passed, wallMs }
          expect(isDue(now, plusMs(start, delay))).toBe(passed >= delay)
        },
      ),
    )
  })

  test('ages are never negative and grow by what is added', () => {
    fc.assert(
      fc.property(instants, instants, (now, then) => {
        expect(ageMs(now, then)).toBeGreaterThanOrEqual(0)
        expect(ageMs(plusMs(then, 70), then)).toBe(70)
      }),
    )
  })

  test('stays a valid instant when it goes below zero or by fractions', () => {
    expect(plusMs(at(5, 3), -10)).toEqual(at(0, 0))
    expect(plusMs(at(5, 3), 0.4)).toEqual({ wallMs: 5, monoMs: 3.4, bootId: 'a' })
  })
})
