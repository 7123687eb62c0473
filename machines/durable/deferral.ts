import type { FailureClass } from '../../src/contracts/failure.ts'

const MINUTE_MS = 60_000
const SHORTEST_MS = 5_000
const LONGEST_MS = 7 * 24 * 60 * MINUTE_MS
/** Where nobody says when: quotas last, rate limits pass. */
const QUOTA_MS = 60 * MINUTE_MS
const RATE_MS = MINUTE_MS

/**
 * How long an attempt that was put off waits, in ms: until the instant that the service or the budget named, within
 * 5 s and 7 days; else an hour for a quota, and a minute, doubled each time up to an hour, for the rest.
 */
export const deferralMs = (
  cause: FailureClass,
  retryAtMs: number | null,
  deferred: number,
  nowMs: number,
): number => {
  if (retryAtMs !== null) return Math.min(Math.max(retryAtMs - nowMs, SHORTEST_MS), LONGEST_MS)
  if (cause === 'quota_exhausted') return QUOTA_MS
  return Math.min(RATE_MS * 2 ** (deferred - 1), QUOTA_MS)
}
