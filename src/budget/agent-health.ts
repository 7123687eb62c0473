import type { Instant } from '../contracts/instant.ts'
import type { SpendEntry } from '../contracts/spend.ts'
import { type BreakerState, breakerOf, isOutcome } from './breaker.ts'
import type { SpendRules } from './decide-reservation.ts'

/** How many of an agent's latest outcomes its share of successes is taken from, and the fewest that tell anything. */
const LATEST = 30
const FEWEST = 5

/** How an agent does. */
export interface AgentHealth {
  readonly agent: string
  readonly succeeded: number
  readonly outcomes: number
  /** Fewer of its latest attempts succeed than `breaker.warn_below` says. */
  readonly degraded: boolean
  /** Suppressions added, tests weakened and checks edited in those attempts. */
  readonly erosion: number
  readonly breaker: BreakerState
}

/** How each agent of the ledger does, from its entries in the order of their reservation. */
export const agentHealth = (
  { breaker }: Pick<SpendRules, 'breaker'>,
  entries: readonly SpendEntry[],
  now: Instant,
): AgentHealth[] =>
  [...new Set(entries.map(({ agent }) => agent))].toSorted().map((agent) => {
    const outcomes = entries.filter((entry) => entry.agent === agent && isOutcome(entry)).slice(-LATEST)
    const succeeded = outcomes.filter(({ conclusion }) => conclusion?.result === 'succeeded').length
    return {
      agent,
      succeeded,
      outcomes: outcomes.length,
      degraded: outcomes.length >= FEWEST && succeeded / outcomes.length < breaker.warnBelow,
      erosion: outcomes.reduce((sum, { conclusion }) => sum + (conclusion?.erosion ?? 0), 0),
      breaker: breakerOf(breaker, entries, { agent, version: null, now }),
    }
  })
