import { homedir } from 'node:os'
import type { AgentType } from '../../agents/agent-type.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import type { RunAgentPorts } from '../../effects/run-agent.ts'
import { childEnvironment } from '../../platform/environment.ts'
import { type ResolvedProgram, resolveProgram } from '../../platform/resolve-program.ts'

/** What PATH, or the profile, names now. */
export const findAgentProgram = (agent: AgentConfig, type: AgentType): Promise<ResolvedProgram> =>
  resolveProgram(
    agent.command[0] ?? type.program ?? '',
    { home: homedir(), path: childEnvironment({}).PATH ?? '' },
    type.inside,
  )

/** The program with the profile's own arguments behind it. */
export const argvOf = (agent: AgentConfig, program: string): string[] => [program, ...agent.command.slice(1)]

/** The program of a profile as it is found now: neither tried nor pinned. */
export const agentProgram: RunAgentPorts['programOf'] = async (agent, type) => {
  if (type.program === null) return { ok: true, program: [], version: null, resumes: true }
  const found = await findAgentProgram(agent, type)
  if (found.ok) return { ok: true, program: argvOf(agent, found.program.path), version: null, resumes: true }
  const reason = `agent ${agent.key}: ${found.missing}; install it, or name it under agents.${agent.key}.command`
  return { ok: false, reason }
}
