import type { AgentType } from '../agents/agent-type.ts'
import type { AgentOutcome, Usage } from '../contracts/agent-run.ts'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { Instant } from '../contracts/instant.ts'
import type { SpendEnding } from '../contracts/spend.ts'
import type { Spent } from './ledger-port.ts'

/** What an ended run is settled at: its usage as far as it is known, else what was reserved. */
export const spentOf = (
  { outcome, wasStarted, endedAt, signal }: EndedAgent,
  agent: AgentConfig,
  { capabilities }: Pick<AgentType, 'capabilities'>,
): Spent => ({
  ending: wasStarted || tokensOf(outcome.usage) > 0 ? ENDINGS[outcome.ending] : 'not_started',
  usage: capabilities.usage === 'none' ? (outcome.usage ?? 'uncounted') : knownUsage(outcome, signal),
  isPriced: agent.price !== null || agent.covered || !isUnpriced(outcome.usage),
  endedAt,
  signal,
})

interface EndedAgent {
  readonly outcome: AgentOutcome
  /** False where its program, or its sandbox, could not be started. */
  readonly wasStarted: boolean
  /** Null where its keeper was lost. */
  readonly endedAt: Instant | null
  /** What ended it, where neither its keeper nor anybody of ours had asked. */
  readonly signal: string | null
}

/**
 * An agent that was broken off may have used what its stream never got to tell: nothing counted is then nothing known.
 * Where it failed by itself before the first token (no login, no quota), nothing was used.
 */
const knownUsage = ({ usage, ending, stopReason }: AgentOutcome, signal: string | null): Usage | null => {
  if (usage === null) return null
  const isBrokenOff =
    ending === 'interrupted' || ending === 'cancelled' || stopReason !== null || signal !== null
  const isNothing = tokensOf(usage) + usage.usd + usage.coveredUsd === 0
  return isBrokenOff && isNothing ? null : usage
}

/** Tokens that come to no money at all have a price that nobody told: agents say 0 then, and a stopped one says nothing. */
const isUnpriced = (usage: Usage | null): boolean => usage?.usd === 0 && tokensOf(usage) > 0

const tokensOf = (usage: Usage | null): number =>
  usage === null ? 0 : usage.inputTokens + usage.outputTokens

const ENDINGS: Readonly<Record<AgentOutcome['ending'], SpendEnding>> = {
  completed: 'completed',
  failed: 'failed',
  interrupted: 'interrupted',
  cancelled: 'cancelled',
  deferred: 'not_started',
}
