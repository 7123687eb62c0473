import type { AgentConfig, SecretRef } from '../contracts/compiled-manifest.ts'
import { EffectFailure } from '../durable/effect.ts'
import { readSecret } from '../platform/read-secret.ts'

/**
 * Resolves an agent's secrets at the moment of use; they are returned to be handed over and stored nowhere.
 * @throws EffectFailure `auth` naming the variable and where it should have come from, never its value.
 */
export const resolveSecrets = async (agent: AgentConfig): Promise<Record<string, string>> => {
  const entries = Object.entries(agent.secrets).map(async ([name, ref]) => [
    name,
    await resolve(agent.key, ref),
  ])
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>
}

const resolve = async (agent: string, ref: SecretRef): Promise<string> => {
  const read = await readSecret(ref)
  if (read.ok) return read.value
  throw new EffectFailure({ class: 'auth', reason: `agent ${agent}: ${read.message}` })
}
