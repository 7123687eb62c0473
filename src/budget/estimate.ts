import type { SpendAmount, SpendEntry, SpendSettlement } from '../contracts/spend.ts'
import { ageMs } from '../platform/instant-math.ts'

/** What an attempt is taken to need at most while nothing is known of its agent in this lane; docs/operating.md. */
const UNKNOWN: SpendAmount = { tokens: 5_000_000, usdMicros: 5_000_000 }
/** Reserved over the middle of what attempts used: what was reserved is also where an agent is stopped. */
const HEADROOM = 3
/** How many attempts an estimate looks at. */
export const ESTIMATED_FROM = 20
/** With fewer attempts than this nothing is concluded from them. */
const FEWEST = 3
/** Attempts that failed at once must not make the next ones fail for want of money. */
const LEAST_SHARE = 0.1

/** What to reserve for an attempt where no cap says it: three times the median of the latest ones. */
export const estimateOf = (latest: readonly SpendEntry[], measure: keyof SpendAmount): number => {
  const median = medianUseOf(latest, measure)
  if (median === null) return UNKNOWN[measure]
  return Math.max(Math.ceil(median * HEADROOM), Math.ceil(UNKNOWN[measure] * LEAST_SHARE))
}

/** What an attempt may well need: as the estimate, but one attempt that is known tells more than none. */
export const needOf = (latest: readonly SpendEntry[], measure: keyof SpendAmount): number => {
  const used = knownUses(latest, measure)
  if (used.length === 0) return UNKNOWN[measure]
  return Math.ceil((used.length < FEWEST ? Math.max(...used) : medianOf(used)) * HEADROOM)
}

/** The median of what attempts really used; null where too few are known. */
export const medianUseOf = (latest: readonly SpendEntry[], measure: keyof SpendAmount): number | null => {
  const used = knownUses(latest, measure)
  return used.length < FEWEST ? null : medianOf(used)
}

const knownUses = (latest: readonly SpendEntry[], measure: keyof SpendAmount): number[] =>
  latest.flatMap(({ settled, reserved }) =>
    settled === null || settled.ending === 'not_started' || isGuess(settled, reserved, measure)
      ? []
      : [settled[measure]],
  )

/** What nobody could tell was settled at just what was reserved. Of a run without a known price the tokens are known. */
const isGuess = (settled: SpendSettlement, reserved: SpendAmount, measure: keyof SpendAmount): boolean =>
  settled.estimated && settled[measure] === reserved[measure]

/** The middle value; of an even number the lower of the two. */
export const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] as number

/** How long runs of an agent take in a lane, in ms; null where too few are known. */
export const medianDurationMs = (latest: readonly SpendEntry[]): number | null => {
  const durations = latest.flatMap(({ settled, startedAt, endedAt }) =>
    settled === null || endedAt === null || settled.ending === 'not_started'
      ? []
      : [ageMs(endedAt, startedAt)],
  )
  return durations.length < FEWEST ? null : medianOf(durations)
}
