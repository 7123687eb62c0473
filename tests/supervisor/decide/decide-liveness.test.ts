import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BUSY_CAP_MS,
  decideGap,
  decideLiveness,
  type LivenessFacts,
} from '../../../supervisor/decide/decide-liveness.ts'

/** A child of ours that answers: every row below says what is different. */
const well: LivenessFacts = {
  kind: 'nonce',
  identity: { proof: 'alive', state: 'S' },
  exited: false,
  haltedForMs: 0,
  heartbeatAgeMs: 10,
  staleAfterMs: 1_000,
  busyLeftMs: 0,
  busySinceMs: 0,
  unanswered: 0,
  misses: 2,
  graceLeftMs: 0,
  hostOverloaded: false,
}
const hung: Partial<LivenessFacts> = { heartbeatAgeMs: 1_000, unanswered: 2 }
const stopped: Partial<LivenessFacts> = { identity: { proof: 'halted', state: 'T' } }
const zombie: Partial<LivenessFacts> = { identity: { proof: 'halted', state: 'Z' } }

describe('liveness, rule by rule', () => {
  test.each<[string, Partial<LivenessFacts>, string, string]>([
    ['identity gone', { identity: { proof: 'gone' } }, 'dead', 'identity-gone'],
    [
      'gone beats everything',
      { identity: { proof: 'gone' }, busyLeftMs: 9, graceLeftMs: 9 },
      'dead',
      'identity-gone',
    ],
    ['a zombie with nothing left', { ...zombie, exited: true }, 'dead', 'exited-zombie'],
    ['a zombie that has other threads', zombie, 'suspect', 'halted'],
    [
      'the system does not answer',
      { identity: { proof: 'unknown', reason: 'EPERM' } },
      'unproven',
      'identity-unknown',
    ],
    [
      'silence does not make unknown worse',
      { identity: { proof: 'unknown', reason: 'EIO' }, ...hung },
      'unproven',
      'identity-unknown',
    ],
    ['just stopped', stopped, 'suspect', 'halted'],
    [
      'stopped: a fresh answer counts no more',
      { ...stopped, haltedForMs: 999, heartbeatAgeMs: 0 },
      'suspect',
      'halted',
    ],
    ['stopped past its stale time', { ...stopped, haltedForMs: 1_000 }, 'hung', 'halted-past-stale'],
    [
      'stopped past it, whatever it declared',
      { ...stopped, haltedForMs: 1_000, busyLeftMs: 9 },
      'hung',
      'halted-past-stale',
    ],
    [
      'stopped past it, but we slept ourselves',
      { ...stopped, haltedForMs: 1_000, graceLeftMs: 1 },
      'suspect',
      'halted',
    ],
    [
      'stopped, by identity alone',
      { ...stopped, kind: 'identity', haltedForMs: 1_000, heartbeatAgeMs: null },
      'hung',
      'halted-past-stale',
    ],
    ['identity alone', { kind: 'identity', heartbeatAgeMs: null, unanswered: 9 }, 'fresh', 'identity-alive'],
    ['within a fresh period', { ...hung, graceLeftMs: 1 }, 'waiting', 'grace'],
    ['a declared wait', { ...hung, busyLeftMs: 1 }, 'fresh', 'declared-wait'],
    ['a declared wait beyond the cap', { ...hung, busyLeftMs: 1, busySinceMs: BUSY_CAP_MS }, 'hung', 'hung'],
    ['answering', {}, 'fresh', 'answering'],
    ['heartbeat stale, not asked yet', { heartbeatAgeMs: 1_000 }, 'suspect', 'one-witness-missing'],
    ['heartbeat stale, one miss', { heartbeatAgeMs: 1_000, unanswered: 1 }, 'suspect', 'one-witness-missing'],
    ['many misses, heartbeat fresh', { unanswered: 9 }, 'suspect', 'one-witness-missing'],
    ['both missing', hung, 'hung', 'hung'],
    ['never a heartbeat, two misses', { heartbeatAgeMs: null, unanswered: 2 }, 'hung', 'hung'],
    ['never a heartbeat, no miss', { heartbeatAgeMs: null }, 'suspect', 'one-witness-missing'],
    [
      'two misses are needed, whatever the spec says',
      { ...hung, unanswered: 1, misses: 1 },
      'suspect',
      'one-witness-missing',
    ],
    ['more misses where the spec says so', { ...hung, misses: 3 }, 'suspect', 'one-witness-missing'],
    ['both missing, host overloaded', { ...hung, hostOverloaded: true }, 'suspect', 'host-overloaded'],
    ['http answering', { kind: 'http', heartbeatAgeMs: null }, 'fresh', 'answering'],
    [
      'http missed once',
      { kind: 'http', heartbeatAgeMs: null, unanswered: 1 },
      'suspect',
      'one-witness-missing',
    ],
    [
      'http missed as often as allowed',
      { kind: 'http', heartbeatAgeMs: null, unanswered: 2 },
      'hung',
      'hung',
    ],
    [
      'exec missed once where once is enough',
      { kind: 'exec', heartbeatAgeMs: null, unanswered: 1, misses: 1 },
      'hung',
      'hung',
    ],
    [
      'http knows no declared wait',
      { kind: 'http', heartbeatAgeMs: null, unanswered: 2, busyLeftMs: 5 },
      'hung',
      'hung',
    ],
  ])('%s', (_name, change, claim, rule) => {
    const verdict = decideLiveness({ ...well, ...change })
    expect(verdict).toMatchObject({ claim, rule, suppressed: rule === 'host-overloaded' })
    expect(verdict.reason).not.toBe('')
  })
})

test('no child is ever called hung or dead without proof', () => {
  const facts: fc.Arbitrary<LivenessFacts> = fc.record({
    kind: fc.constantFrom('nonce', 'http', 'exec', 'identity'),
    identity: fc.constantFrom<LivenessFacts['identity'][]>(
      { proof: 'alive', state: 'R' },
      { proof: 'halted', state: 'T' },
      { proof: 'gone' },
      { proof: 'unknown', reason: 'x' },
    ),
    exited: fc.constant(false),
    haltedForMs: fc.nat(3_000),
    heartbeatAgeMs: fc.option(fc.nat(3_000)),
    staleAfterMs: fc.constant(1_000),
    busyLeftMs: fc.nat(2),
    busySinceMs: fc.nat(2 * BUSY_CAP_MS),
    unanswered: fc.nat(4),
    misses: fc.integer({ min: 1, max: 4 }),
    graceLeftMs: fc.nat(2),
    hostOverloaded: fc.boolean(),
  })
  fc.assert(
    fc.property(facts, (seen) => {
      const { claim } = decideLiveness(seen)
      if (claim === 'dead') expect(seen.identity.proof).toBe('gone')
      if (claim !== 'hung') return
      expect(seen.graceLeftMs).toBe(0)
      if (seen.identity.proof === 'halted') {
        expect(seen.haltedForMs).toBeGreaterThanOrEqual(1_000)
        return
      }
      expect(seen.identity.proof).toBe('alive')
      expect(seen.kind).not.toBe('identity')
      expect(seen.hostOverloaded).toBe(false)
      expect(seen.unanswered).toBeGreaterThanOrEqual(seen.misses)
      if (seen.kind !== 'nonce') return
      expect(seen.unanswered).toBeGreaterThanOrEqual(2)
      expect(seen.heartbeatAgeMs ?? 1_000).toBeGreaterThanOrEqual(1_000)
      expect(seen.busyLeftMs === 0 || seen.busySinceMs >= BUSY_CAP_MS).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['nothing', { wallPassedMs: 1_000, monoPassedMs: 1_000, lateMs: 0 }, 'none'],
  ['a little late', { wallPassedMs: 3_000, monoPassedMs: 3_000, lateMs: 2_000 }, 'none'],
  ['too late', { wallPassedMs: 3_001, monoPassedMs: 3_001, lateMs: 2_001 }, 'own_gap'],
  ['the wall clock set a little', { wallPassedMs: 3_000, monoPassedMs: 1_000, lateMs: 0 }, 'none'],
  ['a suspend', { wallPassedMs: 3_001, monoPassedMs: 1_000, lateMs: 0 }, 'suspended'],
  ['the wall clock set back', { wallPassedMs: -9_000, monoPassedMs: 1_000, lateMs: 0 }, 'none'],
] as const)('a gap between two looks: %s', (_name, look, gap) => {
  expect(decideGap(look, 1_000)).toBe(gap)
})
