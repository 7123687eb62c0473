import { fileURLToPath } from 'node:url'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import { MeterRule } from '../contracts/meter.ts'
import type { AgentLaunch, AgentRequest, AgentType } from './agent-type.ts'
import { judgePi } from './pi/judge-pi.ts'

/** The program beside this file, in source and in the built tree alike. */
const RUN_LEAN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './pi/run-lean.ts' : './pi/run-lean.js', import.meta.url),
)

const PROVIDER = 'oc-supervise'
/** Its clients obey a service that says when to come back, and wait without a word unless they are told to say so. */
const TELL_RETRIES = { OPENAI_LOG: 'info', ANTHROPIC_LOG: 'info' }
/** For services that serve one model and do not ask for its name. */
const NO_NAME = 'default'

/**
 * pi without a terminal: one JSON event a line; it has no permissions to ask for. The prompt goes by standard input. A
 * session is gone on with as a fork: it belongs to the folder it was made in, and every attempt has a folder of its own.
 */
const compose = (config: AgentConfig, request: AgentRequest): AgentLaunch => ({
  argv: [
    process.execPath,
    RUN_LEAN,
    ...request.program,
    ...['--mode', 'json', '--print'],
    ...(config.baseUrl === null ? [] : ['--provider', PROVIDER]),
    ...(config.model === null && config.baseUrl === null ? [] : ['--model', config.model ?? NO_NAME]),
    ...(request.resume === null ? [] : ['--fork', request.resume.sessionId]),
    ...(request.restricted ? ['--no-extensions', '--no-skills', '--no-prompt-templates'] : []),
  ],
  stdinFile: request.promptFile,
  env: { PI_OFFLINE: '1', PI_TELEMETRY: '0', ...TELL_RETRIES },
  homeFiles: config.baseUrl === null ? {} : { '.pi/agent/models.json': modelsJson(config, config.baseUrl) },
})

/** A provider of the profile's own: chat completions at its address, the key by the name of its variable. */
const modelsJson = (config: AgentConfig, baseUrl: string): string =>
  JSON.stringify({
    providers: {
      [PROVIDER]: {
        baseUrl,
        api: 'openai-completions',
        // It has to have one; what is no variable's name is taken as the key itself.
        apiKey: Object.keys(config.secrets)[0] ?? 'none',
        models: [{ id: config.model ?? NO_NAME, ...cost(config) }],
      },
    },
  })

const cost = ({ price }: AgentConfig): { cost?: Record<string, number> } =>
  price === null
    ? {}
    : {
        cost: {
          input: price.inputUsd,
          output: price.outputUsd,
          cacheRead: price.cachedInputUsd,
          cacheWrite: price.inputUsd,
        },
      }

const USAGE = 'message.usage'

/** Tokens and dollars come with every message. A failed turn may be tried again: only the end of retries is one. */
const METER: readonly MeterRule[] = [
  {
    when: { type: 'message_end', 'message.role': 'assistant' },
    usage: {
      input: [`${USAGE}.input`, `${USAGE}.cacheRead`, `${USAGE}.cacheWrite`],
      cachedInput: [`${USAGE}.cacheRead`],
      output: [`${USAGE}.output`],
      usd: `${USAGE}.cost.total`,
    },
  },
  { when: { type: 'turn_end', 'message.stopReason': 'stop' }, turn: true, terminal: 'success' },
  { when: { type: 'turn_end', 'message.stopReason': 'length' }, turn: true, terminal: 'failure' },
  { when: { type: 'turn_end' }, turn: true },
  { when: { type: 'auto_retry_end', success: false }, terminal: 'failure' },
  {
    when: { type: 'tool_execution_start' },
    tool: { at: 'start', id: 'toolCallId', novelty: ['toolName', 'args'] },
  },
  {
    when: { type: 'tool_execution_end' },
    tool: { at: 'end', id: 'toolCallId', novelty: ['result.content'] },
  },
].map((rule) => MeterRule.parse(rule))

/** pi, `pi`. */
export const piAgent: AgentType = {
  type: 'pi',
  about: 'pi (pi --mode json), with its JSON stream',
  keys: { required: [], optional: ['command', 'auth', 'base_url', 'max_turns'] },
  program: 'pi',
  versionArgs: ['--version'],
  capabilities: { resume: true, terminalEvent: true, usage: 'dollars', restricts: true },
  wires: ['chat'],
  network: ['api.openai.com', 'api.anthropic.com', 'generativelanguage.googleapis.com', 'openrouter.ai'],
  login: {
    file: '.pi/agent/auth.json',
    variables: ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY', 'OPENROUTER_API_KEY'],
  },
  meter: METER,
  compose,
  judge: judgePi,
}
