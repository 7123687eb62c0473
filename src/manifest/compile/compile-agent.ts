import type { AgentConfig, SecretRef } from '../../contracts/compiled-manifest.ts'
import type { CompileContext } from '../compile-context.ts'
import type { Manifest } from '../schema/manifest.ts'
import { compileBudget } from './compile-budget.ts'
import { durationMs, sizeBytes } from './duration-ms.ts'
import { resolvePath, resolveProgram } from './resolve-path.ts'

type Agent = Manifest['agents'][string]

/** One agent profile; its secret stays a reference. `sandbox` at the top decides where the agent says nothing. */
export const compileAgent = (
  context: CompileContext,
  key: string,
  agent: Agent,
  sandbox: Manifest['sandbox'],
): AgentConfig => ({
  key,
  type: agent.type,
  command: agent.command === undefined ? [] : resolveProgram(context, agent.command),
  prompt: agent.prompt ?? 'stdin',
  recordings: agent.recordings === undefined ? null : resolvePath(context, agent.recordings),
  model: agent.model,
  env: agent.env,
  secrets: compileAuth(context, agent.auth),
  inheritsLogin: agent.auth === 'inherit',
  baseUrl: agent.base_url ?? null,
  timeoutMs: durationMs(agent.timeout),
  idleTimeoutMs: orNull(agent.idle_timeout, durationMs),
  bootTimeoutMs: orNull(agent.boot_timeout, durationMs),
  toolTimeoutMs: orNull(agent.tool_timeout, durationMs),
  maxTurns: agent.max_turns ?? null,
  maxTokens: agent.max_tokens,
  maxMemoryBytes: orNull(agent.max_memory, sizeBytes),
  maxProcesses: agent.max_processes,
  maxDiskBytes: orNull(agent.max_disk, sizeBytes),
  progressFuel: agent.progress_fuel,
  price:
    agent.price === null
      ? null
      : {
          inputUsd: agent.price.input_usd,
          cachedInputUsd: agent.price.cached_input_usd,
          outputUsd: agent.price.output_usd,
        },
  covered: agent.covered,
  sandbox: agent.sandbox ?? (sandbox === 'off' ? 'off' : { network: [] }),
  concurrency: agent.concurrency,
  budget: compileBudget(agent.budget),
})

const orNull = <T>(text: string | null, convert: (text: string) => T): T | null =>
  text === null ? null : convert(text)

const compileAuth = (context: CompileContext, auth: Agent['auth']): Record<string, SecretRef> => {
  if (auth === undefined || auth === 'inherit') return {}
  const name = auth.as ?? auth.env ?? ''
  if (auth.env !== undefined) return { [name]: { env: auth.env } }
  if (auth.file !== undefined) return { [name]: { file: resolvePath(context, auth.file) } }
  return { [name]: { command: resolveProgram(context, auth.command ?? []) } }
}
