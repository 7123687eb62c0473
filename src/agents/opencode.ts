import { MeterRule } from '../contracts/meter.ts'
import type { AgentType } from './agent-type.ts'
import { judgeOpencode } from './opencode/judge-opencode.ts'
import { opencodeConfig, opencodeModel } from './opencode/opencode-config.ts'

const METER: readonly MeterRule[] = [
  { when: { type: 'step_start' }, turn: true },
  {
    when: { type: 'step_finish' },
    usage: {
      input: ['part.tokens.input', 'part.tokens.cache.read', 'part.tokens.cache.write'],
      cachedInput: ['part.tokens.cache.read'],
      output: ['part.tokens.output', 'part.tokens.reasoning'],
      usd: 'part.cost',
    },
  },
  // It tells of a tool call only when it is over.
  {
    when: { type: 'tool_use' },
    tool: { at: 'end', id: 'part.callID', novelty: ['part.tool', 'part.state.output', 'part.state.error'] },
  },
  // Older versions do not write it.
  { when: { type: 'done' }, terminal: 'success' as const },
].map((rule) => MeterRule.parse(rule))

/**
 * opencode, `opencode run`. The prompt goes in by standard input: as arguments its words would be quoted anew. Its errors
 * are the best structured of all; success is exit 0 after a last step that stopped by itself.
 * Not run for real in our tests: it is built on its source, its documentation and recorded streams.
 */
export const opencodeAgent: AgentType = {
  type: 'opencode',
  about: 'opencode (opencode run), any provider it knows',
  keys: { required: [], optional: ['command', 'auth', 'base_url'] },
  program: 'opencode',
  versionArgs: ['--version'],
  capabilities: { resume: true, terminalEvent: false, usage: 'dollars', restricts: true },
  // By the provider of its model.
  wires: ['chat', 'anthropic', 'responses', 'gemini'],
  network: ['models.opencode.ai', 'models.dev', 'opencode.ai', 'api.anthropic.com', 'api.openai.com'],
  login: {
    file: '.local/share/opencode/auth.json',
    variables: ['OPENCODE_API_KEY', 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY'],
  },
  meter: METER,
  compose: (config, request) => {
    const chosen = opencodeModel(config)
    return {
      argv: [
        ...request.program,
        'run',
        ...['--format', 'json', '--auto'],
        ...(chosen === null ? [] : ['--model', `${chosen.provider}/${chosen.model}`]),
        ...(request.resume === null ? [] : ['--session', request.resume.sessionId]),
      ],
      stdinFile: request.promptFile,
      env: {
        OPENCODE_DISABLE_AUTOUPDATE: 'true',
        ...(config.baseUrl === null ? {} : { OPENCODE_DISABLE_MODELS_FETCH: 'true' }),
      },
      homeFiles: { '.config/opencode/opencode.json': opencodeConfig(config, request.restricted) },
    }
  },
  judge: judgeOpencode,
}
