import type { AgentType } from '../../agents/agent-type.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import type { RunAgentPorts } from '../../effects/run-agent.ts'
import { findProgram } from '../../platform/find-program.ts'

/** The program of a profile: what the manifest names, or the type's own, by its absolute path. */
export const agentProgram: RunAgentPorts['programOf'] = async (agent: AgentConfig, type: AgentType) => {
  if (type.program === null) return { ok: true, program: [], version: null }
  const [name, ...rest] = agent.command.length > 0 ? agent.command : [type.program]
  const found = findProgram(name ?? type.program)
  if (found !== null) return { ok: true, program: [found, ...rest], version: null }
  const reason = `agent ${agent.key}: ${name} is not on PATH; install it, or name it under agents.${agent.key}.command`
  return { ok: false, reason }
}
