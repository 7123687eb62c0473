import type { AgentType } from '../agents/agent-type.ts'
import type { AgentConfig, CompiledManifest } from '../contracts/compiled-manifest.ts'
import { EffectFailure } from '../durable/effect.ts'

/** What it takes to know an agent by its name. */
export interface AgentPorts {
  readonly manifest: CompiledManifest
  readonly agentTypeOf: (type: AgentConfig['type']) => AgentType
}

/** The profile of that name. @throws EffectFailure `invalid_task` where the manifest has none any more. */
export const agentOf = (manifest: CompiledManifest, key: string): AgentConfig => {
  const agent = manifest.agents[key]
  if (agent !== undefined) return agent
  throw new EffectFailure({ class: 'invalid_task', reason: `agent "${key}" is not in the manifest any more` })
}
