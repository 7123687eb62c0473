import type { Instant } from '../contracts/instant.ts'
import type { SpendEntry } from '../contracts/spend.ts'
import { ageMs } from '../platform/instant-math.ts'
import { ESTIMATED_FROM, medianDurationMs } from './estimate.ts'

/** A run that takes longer than this many times the median of its agent and lane is worth a look. */
const TOO_LONG = 2

/** Quick agents vary by more than that; nobody needs to look before this. */
const LEAST_MS = 60_000

/** A run in flight that takes unusually long. */
export interface SlowRun {
  readonly attempt: string
  readonly task: string
  readonly forMs: number
  /** The median of its agent's latest runs in its lane. */
  readonly usualMs: number
}

/** The runs in flight that take more than twice as long as usual, and more than a minute, from entries in the order of their reservation. */
export const findSlowRuns = (entries: readonly SpendEntry[], now: Instant): SlowRun[] =>
  entries
    .filter(({ settled }) => settled === null)
    .flatMap(({ id, task, agent, lane, startedAt }) => {
      const alike = entries.filter(
        (each) => each.agent === agent && each.lane === lane && each.settled !== null,
      )
      const usualMs = medianDurationMs(alike.slice(-ESTIMATED_FROM))
      const forMs = ageMs(now, startedAt)
      return usualMs !== null && forMs > Math.max(LEAST_MS, TOO_LONG * usualMs)
        ? [{ attempt: id, task, forMs, usualMs }]
        : []
    })
