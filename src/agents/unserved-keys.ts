import type { AgentType } from './agent-type.ts'
import { isCounted, metersTokens, metersTools, metersToolTime } from './metering.ts'

/** A key of a profile that would have no effect, and what to do instead. */
export interface UnservedKey {
  /** From the profile down. */
  readonly at: readonly string[]
  readonly lacks: string
  readonly remedy: string
}

interface Need {
  readonly keys: readonly (readonly string[])[]
  readonly isServed: (type: AgentType) => boolean
  readonly lacks: string
  readonly remedy: string
}

const BY_TIME = 'remove it; timeout and idle_timeout hold for every type'
const PER_ATTEMPT = ['budget', 'per_attempt'] as const

/** One row a thing that keys need to be told by an agent. */
const NEEDS: readonly Need[] = [
  {
    keys: [['max_tokens']],
    isServed: metersTokens,
    lacks: 'it tells no tokens while it runs',
    remedy: BY_TIME,
  },
  { keys: [['progress_fuel']], isServed: metersTools, lacks: 'it tells of no tool calls', remedy: BY_TIME },
  {
    keys: [['tool_timeout']],
    isServed: metersToolTime,
    lacks: 'it does not tell when a tool call begins',
    remedy: BY_TIME,
  },
  {
    keys: [['price'], ['covered'], [...PER_ATTEMPT, 'usd'], [...PER_ATTEMPT, 'tokens']],
    isServed: isCounted,
    lacks: 'nobody can tell what it uses',
    remedy: 'remove it; budget.per_hour.runs and budget.per_task.attempts hold for every type',
  },
]

/** The keys that a type cannot be held to, from how it is metered. */
export const unservedKeys = (type: AgentType): UnservedKey[] =>
  NEEDS.filter(({ isServed }) => !isServed(type)).flatMap(({ keys, lacks, remedy }) =>
    keys.map((at) => ({ at, lacks, remedy })),
  )
