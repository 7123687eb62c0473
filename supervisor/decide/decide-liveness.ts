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
  /** Why the rule holds, in words; null where it does not. */
  readonly because: (facts: LivenessFacts) => string | null
}

/**
 * The rules in order; the first that holds decides, and where none does the child is proved hung. Only `dead` and `hung`
 * permit an end, and both need proof: identity gone, or same incarnation, heartbeat stale, the probes in a row
 * unanswered, no declared wait, no gap in our own ticks, host not overloaded. Everything else permits asking again.
 */
const RULES: readonly Rule[] = [
  {
    id: 'identity-gone',
    claim: 'dead',
    because: ({ identity }) => (identity.proof === 'gone' ? 'its process is gone' : null),
  },
  {
    id: 'exited-zombie',
    claim: 'dead',
    because: ({ exited }) => (exited ? 'its process has exited and waits to be reaped' : null),
  },
  {
    id: 'identity-unknown',
    claim: 'unproven',
    because: ({ identity }) => (identity.proof === 'unknown' ? identity.reason : null),
  },
  {
    id: 'halted-past-stale',
    claim: 'hung',
    because: ({ identity, haltedForMs, staleAfterMs, graceLeftMs }) =>
      identity.proof === 'halted' && graceLeftMs === 0 && haltedForMs >= staleAfterMs
        ? `halted (${identity.state}) for ${Math.round(haltedForMs)} ms`
        : null,
  },
  {
    id: 'halted',
    claim: 'suspect',
    because: ({ identity }) =>
      identity.proof === 'halted' ? `halted (${identity.state}), so nothing it said before counts` : null,
  },
  {
    id: 'identity-alive',
    claim: 'fresh',
    because: ({ kind }) => (kind === 'identity' ? 'its process runs' : null),
  },
  {
    id: 'grace',
    claim: 'waiting',
    because: ({ graceLeftMs }) => (graceLeftMs > 0 ? 'within its fresh period' : null),
  },
  {
    id: 'declared-wait',
    claim: 'fresh',
    because: ({ kind, busyLeftMs, busySinceMs }) =>
      kind === 'nonce' && busyLeftMs > 0 && busySinceMs < BUSY_CAP_MS
        ? `declared busy for another ${Math.round(busyLeftMs)} ms`
        : null,
  },
  {
    id: 'answering',
    claim: 'fresh',
    because: (facts) => (facts.unanswered === 0 && !isStale(facts) ? 'answers' : null),
  },
  {
    id: 'one-witness-missing',
    claim: 'suspect',
    because: (facts) =>
      facts.unanswered < askTimes(facts) || !isStale(facts)
        ? `${facts.unanswered} probes in a row without an answer; asking again`
        : null,
  },
  {
    id: 'host-overloaded',
    claim: 'suspect',
    because: ({ hostOverloaded }) => (hostOverloaded ? 'silent, but the host is overloaded' : null),
  },
]

/** Says what the facts prove of one child. */
export const decideLiveness = (facts: LivenessFacts): LivenessVerdict => {
  for (const { id, claim, because } of RULES) {
    const reason = because(facts)
    if (reason !== null) return { claim, rule: id, reason, suppressed: id === 'host-overloaded' }
  }
  const misses = `${facts.unanswered} probes in a row without an answer`
  const { heartbeatAgeMs } = facts
  const reason =
    heartbeatAgeMs === null ? misses : `heartbeat ${Math.round(heartbeatAgeMs)} ms old and ${misses}`
  return { claim: 'hung', rule: 'hung', reason, suppressed: false }
}

/** Whether the time since our last look shows that the host slept, or that we ourselves did not run. */
export const decideGap = (
  look: { readonly wallPassedMs: number; readonly monoPassedMs: number; readonly lateMs: number },
  periodMs: number,
): 'none' | 'suspended' | 'own_gap' => {
  if (look.wallPassedMs - look.monoPassedMs > 2 * periodMs) return 'suspended'
  return look.lateMs > 2 * periodMs ? 'own_gap' : 'none'
}

/** Only our own protocol has heartbeats; for the others the probes are the one witness besides identity. */
const isStale = (facts: LivenessFacts): boolean =>
  facts.kind !== 'nonce'
    ? facts.unanswered > 0
    : facts.heartbeatAgeMs === null || facts.heartbeatAgeMs >= facts.staleAfterMs

/** A nonce child is asked at least twice, whatever its spec says. */
const askTimes = ({ kind, misses }: LivenessFacts): number =>
  kind === 'nonce' ? Math.max(2, misses) : misses
