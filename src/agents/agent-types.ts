import { acpAgent } from './acp.ts'
import type { AgentType } from './agent-type.ts'
import { aiderAgent } from './aider.ts'
import { claudeAgent } from './claude.ts'
import { codexAgent } from './codex.ts'
import { commandAgent } from './command.ts'
import { geminiAgent } from './gemini.ts'
import { opencodeAgent } from './opencode.ts'
import { piAgent } from './pi.ts'
import { recordedAgent } from './recorded.ts'

/** Every kind of agent we can run; a new one is a file and a line. */
const AGENT_TYPES: readonly AgentType[] = [
  codexAgent,
  claudeAgent,
  opencodeAgent,
  geminiAgent,
  piAgent,
  aiderAgent,
  acpAgent,
  commandAgent,
  recordedAgent,
]

/** The names a profile's `type` may have, in the order of the registry. */
export const agentTypes = (): readonly AgentType[] => AGENT_TYPES

/**
 * The implementation behind a profile's `type`.
 * @throws Error for a type that is not registered; a compiled manifest has none.
 */
export const agentType = (type: string): AgentType => {
  const found = AGENT_TYPES.find((one) => one.type === type)
  if (found !== undefined) return found
  throw new Error(`there is no agent type "${type}"`)
}
