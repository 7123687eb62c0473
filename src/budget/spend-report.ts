import type { Instant } from '../contracts/instant.ts'
import type { SpendEntry } from '../contracts/spend.ts'
import { ageMs } from '../platform/instant-math.ts'
import { usedOf, usesOf } from './cap-uses.ts'
import { allSpanCaps, type Budgets, type Cap } from './caps.ts'

export const SPEND_GROUPS = ['repo', 'lane', 'agent', 'task', 'day'] as const
export type SpendGroup = (typeof SPEND_GROUPS)[number]

/** Sums of runs. Dollars in millionths: real ones, and what a subscription covered, apart. */
export interface SpendSum {
  readonly runs: number
  /** Of these: whose kind of agent tells nothing. What they used is in no sum. */
  readonly uncounted: number
  readonly tokens: number
  readonly usdMicros: number
  readonly coveredUsdMicros: number
  /** Of the real ones: what nobody could tell and was taken to be what was reserved. */
  readonly estimatedUsdMicros: number
  /** In flight: so many runs, and what is reserved for them beside the sums. */
  readonly open: { readonly runs: number; readonly tokens: number; readonly usdMicros: number }
}

/** One cap and what is left under it. */
export interface CapStanding extends Cap {
  readonly used: number
  readonly left: number
}

/** Entries that are open or ended within the window. */
export const withinWindow = (entries: readonly SpendEntry[], windowMs: number, now: Instant): SpendEntry[] =>
  entries.filter(({ endedAt }) => endedAt === null || ageMs(now, endedAt) < windowMs)

export const sumOf = (entries: readonly SpendEntry[]): SpendSum => {
  const settled = entries.flatMap((entry) => (entry.settled === null ? [] : [entry.settled]))
  const reserved = entries.flatMap((entry) => (entry.settled === null ? [entry.reserved] : []))
  return {
    runs: settled.filter(({ ending }) => ending !== 'not_started').length,
    uncounted: settled.filter(({ uncounted }) => uncounted).length,
    tokens: total(settled, (each) => each.tokens),
    usdMicros: total(settled, (each) => each.usdMicros),
    coveredUsdMicros: total(settled, (each) => each.coveredUsdMicros),
    estimatedUsdMicros: total(settled, (each) => (each.estimated ? each.usdMicros : 0)),
    open: {
      runs: reserved.length,
      tokens: total(reserved, (each) => each.tokens),
      usdMicros: total(reserved, (each) => each.usdMicros),
    },
  }
}

const total = <T>(all: readonly T[], of: (each: T) => number): number =>
  all.reduce((sum, each) => sum + of(each), 0)

/** Sums by what runs have in common, days in the time zone's own; in the order of their names. */
export const sumsBy = (
  entries: readonly SpendEntry[],
  by: SpendGroup,
  timezone: string,
): { readonly name: string; readonly sum: SpendSum }[] => {
  const groups = Map.groupBy(entries, (entry) =>
    by === 'day' ? dayOf(entry.endedAt ?? entry.startedAt, timezone) : entry[by],
  )
  return [...groups]
    .map(([name, group]) => ({ name, sum: sumOf(group) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** en-CA writes a date as 2026-03-07. */
const dayOf = ({ wallMs }: Instant, timeZone: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(wallMs)

/** Where every cap on a stretch of time stands; the caps of a task stand with the task. */
export const capStandings = (budgets: Budgets, entries: readonly SpendEntry[], now: Instant): CapStanding[] =>
  allSpanCaps(budgets).map((cap) => {
    const used = usedOf(usesOf(cap, entries, now))
    return { ...cap, used, left: Math.max(0, cap.limit - used) }
  })
