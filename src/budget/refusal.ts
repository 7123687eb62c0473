import type { FailureClass } from '../contracts/failure.ts'

/** Why a run may not start now. */
export interface Refusal {
  readonly granted: false
  /** The key that says no, as the manifest spells it. */
  readonly cap: string
  readonly reason: string
  /** When it could be allowed; null where only a person or another cap can change that. */
  readonly retryInMs: number | null
  readonly failure: FailureClass
}

/** Where runs in flight stand in the way, it is looked at again after so long. */
export const RECHECK_MS = 60_000

/**
 * What holds for this agent alone need not hold for its fallback, and is called what lets that stand in: its quota is used
 * up, or it is asked to come back later. What holds for all is ours, and only time helps.
 */
export const refuse = (
  cap: string,
  reason: string,
  retryInMs: number | null,
  failure: FailureClass,
): Refusal => ({
  granted: false,
  cap,
  reason: `${cap}: ${reason}`,
  retryInMs,
  failure,
})
