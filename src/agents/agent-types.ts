import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { AgentType } from './agent-type.ts'
import { commandAgent } from './command.ts'
import { recordedAgent } from './recorded.ts'

/** Every kind of agent we can run; a new one is a file and a line. */
const AGENT_TYPES: Readonly<Record<AgentConfig['type'], AgentType>> = {
  command: commandAgent,
  recorded: recordedAgent,
}

/** The implementation behind a profile's `type`. */
export const agentType = (type: AgentConfig['type']): AgentType => AGENT_TYPES[type]
