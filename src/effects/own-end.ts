import type { AgentOutcome } from '../contracts/agent-run.ts'
import type { Instant } from '../contracts/instant.ts'

/** How a run was ended by a signal that neither its keeper nor anybody of ours sent. `signal` null: it ended otherwise. */
export interface SignalledEnd {
  readonly signal: string | null
  readonly at: Instant
}

/** SIGKILL is how a host, its kernel and its people end whatever they like; these a program gets that kills by name. */
const BY_NAME: ReadonlySet<string | null> = new Set(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])

/**
 * Who is ended by such a signal once was interrupted. Twice in a row, while the host was up, it is the agent's own doing
 * as far as anybody can tell: its tools end it. It has failed then, or it would be run for ever.
 * @param before how the task's run before this one ended; null where there was none.
 */
export const ownEnd = (
  outcome: AgentOutcome,
  end: SignalledEnd,
  before: SignalledEnd | null,
): AgentOutcome =>
  before === null ||
  ![end, before].every(({ signal }) => BY_NAME.has(signal)) ||
  end.at.bootId !== before.at.bootId
    ? outcome
    : {
        ...outcome,
        ending: 'failed',
        failure: {
          class: 'tool_failure',
          reason: `the agent was ended by ${end.signal}, and the run before it by ${before.signal}, though nobody of ours asked: what it runs may end it (a kill by name, for example)`,
          excerpt: null,
        },
      }
