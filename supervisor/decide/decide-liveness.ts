import type { LivenessKind } from '../../src/contracts/child-spec.ts'
import type { IdentityProof } from '../../src/contracts/process-identity.ts'

/** A declared wait never counts for longer than this, in ms. */
export const BUSY_CAP_MS = 20 * 60_000

/** Everything the witnesses say of one incarnation, as ages in ms of the monotonic clock. */
export interface LivenessFacts {
  readonly kind: LivenessKind
  readonly identity: IdentityProof
  /** A zombie with no other thread left: it has exited and only waits to be reaped. */
  readonly exited: boolean
  /** How long it has been halted (T or Z) without a break, as far as we saw. */
  readonly haltedForMs: number
  /** Age of the last heartbeat of this incarnation; null before the first. */
  readonly heartbeatAgeMs: number | null
  readonly staleAfterMs: number
  /** How much of a declared wait is left; 0 for none. */
  readonly busyLeftMs: number
  /** How long ago that wait was declared. */
  readonly busySinceMs: number
  /** Probes in a row that ran out without an accepted answer. */
  readonly unanswered: number
  readonly misses: number
  /** What is left of the fresh period every child gets after a start, a suspend or a gap in our own ticks. */
  readonly graceLeftMs: number
  readonly hostOverloaded: boolean
}

/** `waiting`: no judgement now, within a fresh period; it neither suspects nor clears. */
export type LivenessClaim = 'fresh' | 'waiting' | 'suspect' | 'unproven' | 'hung' | 'dead'

/** What we say of a child, by which rule, and why in words. `suppressed`: it would be hung, but the fault may be the host's. */
export interface LivenessVerdict {
  readonly claim: LivenessClaim
  readonly rule: string
  readonly reason: string
  readonly suppressed: boolean
}

interface Rule {
  readonly id: string
  readonly claim: LivenessClaim
  readonly when: (facts: LivenessFacts) => boolean
  readonly reason: (facts: LivenessFacts) => string
}

/**
 * The rules in order; the first that holds decides. Only `dead` and `hung` permit an end, and both need proof:
 * identity gone, or same incarnation, heartbeat stale, the probes in a row unanswered, no declared wait, no gap in our
 * own ticks, host not overloaded. Everything else permits asking again.
 */
const RULES: readonly Rule[] = [
  {
    id: 'identity-gone',
    claim: 'dead',
    when: ({ identity }) => identity.proof === 'gone',
    reason: () => 'its process is gone',
  },
  {
    id: 'exited-zombie',
    claim: 'dead',
    when: ({ exited }) => exited,
    reason: () => 'its process has exited and waits to be reaped',
  },
  {
    id: 'identity-unknown',
    claim: 'unproven',
    when: ({ identity }) => identity.proof === 'unknown',
    reason: ({ identity }) => (identity.proof === 'unknown' ? identity.reason : ''),
  },
  {
    id: 'halted-past-stale',
    claim: 'hung',
    when: (facts) => isHalted(facts) && facts.graceLeftMs === 0 && facts.haltedForMs >= facts.staleAfterMs,
    reason: (facts) => `halted (${stateOf(facts)}) for ${Math.round(facts.haltedForMs)} ms`,
  },
  {
    id: 'halted',
    claim: 'suspect',
    when: isHalted,
    reason: (facts) => `halted (${stateOf(facts)}): running nothing, so nothing it said counts`,
  },
  {
    id: 'identity-alive',
    claim: 'fresh',
    when: ({ kind }) => kind === 'identity',
    reason: () => 'its process runs',
  },
  {
    id: 'grace',
    claim: 'waiting',
    when: ({ graceLeftMs }) => graceLeftMs > 0,
    reason: () => 'within its fresh period',
  },
  {
    id: 'declared-wait',
    claim: 'fresh',
    when: (facts) => facts.kind === 'nonce' && facts.busyLeftMs > 0 && facts.busySinceMs < BUSY_CAP_MS,
    reason: ({ busyLeftMs }) => `declared busy for another ${Math.round(busyLeftMs)} ms`,
  },
  {
    id: 'answering',
    claim: 'fresh',
    when: (facts) => facts.unanswered === 0 && !isStale(facts),
    reason: () => 'answers',
  },
  {
    id: 'one-witness-missing',
    claim: 'suspect',
    when: (facts) => facts.unanswered < askTimes(facts) || !isStale(facts),
    reason: ({ unanswered }) => `${unanswered} probes in a row without an answer; asking again`,
  },
  {
    id: 'host-overloaded',
    claim: 'suspect',
    when: ({ hostOverloaded }) => hostOverloaded,
    reason: () => 'silent, but the host is overloaded',
  },
  {
    id: 'hung',
    claim: 'hung',
    when: () => true,
    reason: ({ unanswered, heartbeatAgeMs }) =>
      heartbeatAgeMs === null
        ? `${unanswered} probes in a row without an answer`
        : `heartbeat ${Math.round(heartbeatAgeMs)} ms old and ${unanswered} probes in a row without an answer`,
  },
]

/** Says what the facts prove of one child. */
export const decideLiveness = (facts: LivenessFacts): LivenessVerdict => {
  const rule = RULES.find((candidate) => candidate.when(facts)) as Rule
  return {
    claim: rule.claim,
    rule: rule.id,
    reason: rule.reason(facts),
    suppressed: rule.id === 'host-overloaded',
  }
}

/** Whether the time since our last look shows that the host slept, or that we ourselves did not run. */
export const decideGap = (
  look: { readonly wallPassedMs: number; readonly monoPassedMs: number; readonly lateMs: number },
  periodMs: number,
): 'none' | 'suspended' | 'own_gap' => {
  if (look.wallPassedMs - look.monoPassedMs > 2 * periodMs) return 'suspended'
  return look.lateMs > 2 * periodMs ? 'own_gap' : 'none'
}

function isHalted({ identity }: LivenessFacts): boolean {
  return identity.proof === 'halted'
}

const stateOf = ({ identity }: LivenessFacts): string => (identity.proof === 'halted' ? identity.state : '')

/** Only our own protocol has heartbeats; for the others the probes are the one witness besides identity. */
const isStale = (facts: LivenessFacts): boolean =>
  facts.kind !== 'nonce'
    ? facts.unanswered > 0
    : facts.heartbeatAgeMs === null || facts.heartbeatAgeMs >= facts.staleAfterMs

/** A nonce child is asked at least twice, whatever its spec says. */
const askTimes = ({ kind, misses }: LivenessFacts): number =>
  kind === 'nonce' ? Math.max(2, misses) : misses
