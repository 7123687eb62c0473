import type { Instant } from '../src/contracts/instant.ts'

/** How a child is asked for proof. One probe belongs to one incarnation: its counters never survive a restart. */
export interface Probe {
  /** Asks, or looks for an answer, if either is due. */
  step(mood: ProbeMood): void
  /** Monotonic ms of the next step. */
  dueMs(): number
  /** Probes in a row that ran out without proof. */
  readonly unanswered: number
  /** When proof was accepted last. */
  readonly provedAt: Instant | null
  /** Forgets misses and asks anew: after a suspend, a gap of our own, an adoption. */
  startOver(): void
  close(): void
}

export interface ProbeMood {
  /** Somebody waits for the answer: readiness, or a suspicion. */
  readonly eager: boolean
  /** Whether a declared wait excuses silence; asked only before a miss is counted. */
  readonly excused: () => boolean
}
