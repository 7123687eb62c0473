import type { Proposal } from '../contracts/planning.ts'
import type { AgentType } from './agent-type.ts'

/**
 * What a type of agent cannot do of what is asked, as a reason for people; null where it can. Asked before anything of
 * it is started, so that nothing is captured in vain.
 */
export const unsupportedRequest = (
  { type, capabilities }: Pick<AgentType, 'type' | 'capabilities'>,
  { trust }: Pick<Proposal, 'trust'>,
): string | null =>
  trust === 'untrusted' && capabilities.restricts !== true
    ? `UNSUPPORTED_REQUEST: the task's author is untrusted, and nothing can be left out of what an agent of type "${type}" reaches; give the task to an agent of another type`
    : null
