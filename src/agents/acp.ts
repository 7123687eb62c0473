import { fileURLToPath } from 'node:url'
import { MeterRule } from '../contracts/meter.ts'
import { judgeAcp } from './acp/judge-acp.ts'
import type { AgentType } from './agent-type.ts'

/** The program beside this file, in source and in the built tree alike. */
const CLIENT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './acp/acp-client.ts' : './acp/acp-client.js', import.meta.url),
)

/** The lines of our own client; whatever the agent, they have one shape. It tells of no turns of the model. */
const METER: readonly MeterRule[] = [
  { when: { type: 'tool', at: 'start' }, tool: { at: 'start' as const, id: 'id', novelty: [] } },
  { when: { type: 'tool', at: 'end' }, tool: { at: 'end' as const, id: 'id', novelty: ['digest'] } },
  {
    when: { type: 'usage' },
    usage: {
      input: ['inputTokens'],
      cachedInput: ['cachedInputTokens'],
      output: ['outputTokens'],
      usd: 'usd',
      cumulative: true,
    },
  },
  { when: { type: 'result', ok: true }, terminal: 'success' as const },
  { when: { type: 'result', ok: false }, terminal: 'failure' as const },
].map((rule) => MeterRule.parse(rule))

/**
 * Any agent that speaks the Agent Client Protocol, version 1, on standard input and output: `command` starts it. Best
 * effort, because the protocol has no word for a failed turn and agents tell errors and usage in places of their own.
 * No particular agent is run in our tests: one of our own is, over real pipes.
 */
export const acpAgent: AgentType = {
  type: 'acp',
  about: 'any agent that speaks the Agent Client Protocol (command needed)',
  keys: { required: ['command'], optional: ['auth'] },
  program: null,
  versionArgs: ['--version'],
  capabilities: { resume: true, terminalEvent: true, usage: 'tokens', restricts: true },
  wires: [],
  network: [],
  login: null,
  meter: METER,
  compose: (config, request) => ({
    argv: [
      process.execPath,
      CLIENT,
      ...['--prompt', request.promptFile],
      ...(request.resume === null ? [] : ['--resume', request.resume.sessionId]),
      ...(config.model === null ? [] : ['--model', config.model]),
      ...(request.restricted ? ['--restricted'] : []),
      '--',
      ...config.command,
    ],
    stdinFile: null,
    env: {},
    homeFiles: {},
  }),
  judge: judgeAcp,
}
