import type { Instant } from '../contracts/instant.ts'
import type { SpendEntry } from '../contracts/spend.ts'
import { ageMs } from '../platform/instant-math.ts'
import type { Cap } from './caps.ts'

/** One run as it counts against a cap. */
export interface CapUse {
  readonly amount: number
  /** In how many ms it counts no more; null: when it ends; Infinity: never. */
  readonly leavesInMs: number | null
}

/** After so long without an attempt at a task the count of its attempts begins anew (operations-center-execution.md §13.2). */
const ATTEMPTS_RESET_MS = 3_600_000

/**
 * What counts against a cap now. A run counts from its start for as long as the cap looks back. Its tokens and dollars
 * count while it is open, with what was reserved, and then for that long after its end: so no stretch of that length ever
 * holds more than the cap. An interrupted run is charged, and a run like any other, but it is no attempt.
 */
export const usesOf = (cap: Cap, entries: readonly SpendEntry[], now: Instant): CapUse[] => {
  const own = entries.filter((entry) => isOf(cap, entry))
  const { measure } = cap
  if (measure === 'attempts') return attemptUses(own, now)
  return own.flatMap((entry) => {
    const amount = amountOf(measure, entry)
    const leavesInMs = leaving(cap, entry, now)
    return amount === 0 || (leavesInMs !== null && leavesInMs <= 0) ? [] : [{ amount, leavesInMs }]
  })
}

/** The sum of what counts. */
export const usedOf = (uses: readonly CapUse[]): number => uses.reduce((sum, { amount }) => sum + amount, 0)

const isOf = ({ of }: Cap, entry: SpendEntry): boolean =>
  (of.repo === undefined || of.repo === entry.repo) &&
  (of.lane === undefined || of.lane === entry.lane) &&
  (of.agent === undefined || of.agent === entry.agent) &&
  (of.task === undefined || of.task === entry.task)

const amountOf = (measure: 'runs' | 'tokens' | 'usdMicros', entry: SpendEntry): number => {
  if (measure === 'runs') return entry.settled?.ending === 'not_started' ? 0 : 1
  return (entry.settled ?? entry.reserved)[measure]
}

const leaving = (cap: Cap, entry: SpendEntry, now: Instant): number | null => {
  if (cap.windowMs === null) return entry.endedAt === null ? null : Number.POSITIVE_INFINITY
  if (cap.measure === 'runs') return cap.windowMs - ageMs(now, entry.startedAt)
  return entry.endedAt === null ? null : cap.windowMs - ageMs(now, entry.endedAt)
}

/** Attempts that follow each other without an hour between them, from the latest back. */
const attemptUses = (entries: readonly SpendEntry[], now: Instant): CapUse[] => {
  const uses: CapUse[] = []
  let after = now
  for (const { startedAt, endedAt } of entries.filter(isAttempt).toReversed()) {
    if (endedAt !== null && ageMs(after, endedAt) > ATTEMPTS_RESET_MS) break
    // They leave together, an hour after the latest: what comes after this one cannot leave before it.
    const leavesInMs =
      uses.length > 0
        ? (uses[0] as CapUse).leavesInMs
        : endedAt === null
          ? null
          : ATTEMPTS_RESET_MS - ageMs(now, endedAt) + 1
    uses.push({ amount: 1, leavesInMs })
    after = startedAt
  }
  return uses
}

/** What says nothing about the task uses up none of its attempts: that it was broken off, asks, or was turned away. */
const isAttempt = ({ settled, conclusion }: SpendEntry): boolean =>
  !NO_ATTEMPTS.includes(settled?.ending) &&
  conclusion?.result !== 'awaiting_input' &&
  conclusion?.turnedAway !== true

const NO_ATTEMPTS: readonly unknown[] = ['interrupted', 'cancelled', 'not_started']
