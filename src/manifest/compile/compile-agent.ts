import type { AgentConfig, SecretRef } from '../../contracts/compiled-manifest.ts'
import type { CompileContext } from '../compile-context.ts'
import type { Manifest } from '../schema/manifest.ts'
import { durationMs } from './duration-ms.ts'
import { resolvePath, resolveProgram } from './resolve-path.ts'

type Agent = Manifest['agents'][string]

/** One agent profile; its secret stays a reference. */
export const compileAgent = (context: CompileContext, key: string, agent: Agent): AgentConfig => ({
  key,
  type: agent.type,
  ...(agent.type === 'command'
    ? {
        command: resolveProgram(context, agent.command),
        prompt: agent.prompt,
        recordings: null,
        secrets: compileAuth(context, agent.auth),
      }
    : {
        command: [],
        prompt: 'stdin' as const,
        recordings: resolvePath(context, agent.recordings),
        secrets: {},
      }),
  model: agent.model,
  env: agent.env,
  timeoutMs: durationMs(agent.timeout),
  idleTimeoutMs: agent.idle_timeout === null ? null : durationMs(agent.idle_timeout),
})

type Auth = Extract<Agent, { type: 'command' }>['auth']

const compileAuth = (context: CompileContext, auth: Auth): Record<string, SecretRef> => {
  if (auth === null) return {}
  const name = auth.as ?? auth.env ?? ''
  if (auth.env !== undefined) return { [name]: { env: auth.env } }
  if (auth.file !== undefined) return { [name]: { file: resolvePath(context, auth.file) } }
  return { [name]: { command: resolveProgram(context, auth.command ?? []) } }
}
