import { join } from 'node:path'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import { MeterRule } from '../contracts/meter.ts'
import type { AgentLaunch, AgentRequest, AgentType } from './agent-type.ts'
import { judgeClaude } from './claude/judge-claude.ts'

/**
 * Claude Code in its headless mode: one JSON event a line, and a result event that says how it ended. Permissions are
 * bypassed because our own sandbox contains it. It may hang after its result; its keeper ends it then.
 */
const compose = (config: AgentConfig, request: AgentRequest): AgentLaunch => ({
  argv: [
    ...request.program,
    '-p',
    ...['--output-format', 'stream-json', '--verbose'],
    // The model's own events, one each: `assistant` events repeat their usage for every block of a message.
    '--include-partial-messages',
    ...['--permission-mode', 'bypassPermissions'],
    ...(config.maxTurns === null ? [] : ['--max-turns', String(config.maxTurns)]),
    ...(config.model === null ? [] : ['--model', config.model]),
    ...(request.resume === null ? [] : goingOn(request.home, request.resume)),
    ...(request.restricted ? ['--disallowedTools', 'WebFetch,WebSearch', '--strict-mcp-config'] : []),
  ],
  stdinFile: request.promptFile,
  env: {
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // It gives up after 6 refusals (some 40 s) rather than 10 (three minutes), a wrong key included.
    CLAUDE_CODE_MAX_RETRIES: '6',
    // As root it refuses to bypass permissions unless it is told that it is contained.
    ...(config.sandbox === 'off' ? {} : { IS_SANDBOX: '1' }),
    ...(config.baseUrl === null ? {} : { ANTHROPIC_BASE_URL: config.baseUrl }),
  },
  homeFiles: {},
})

/** By its file, and as a fork: an id alone is found only from the folder that the session was begun in. */
const goingOn = (home: string, { sessionId }: { readonly sessionId: string }): string[] => [
  ...['--resume', join(home, sessionId)],
  '--fork-session',
]

const INPUT = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
const under = (path: string): string[] => INPUT.map((name) => `${path}.${name}`)

/** While it runs, usage is its own conversation's; the result replaces it by the total, and by its dollars. */
const METER: readonly MeterRule[] = [
  {
    when: { type: 'stream_event', 'event.type': 'message_start' },
    turn: true,
    usage: {
      input: under('event.message.usage'),
      cachedInput: ['event.message.usage.cache_read_input_tokens'],
      output: [],
    },
  },
  {
    when: { type: 'stream_event', 'event.type': 'message_delta' },
    usage: { input: [], output: ['event.usage.output_tokens'] },
  },
  {
    when: {
      type: 'stream_event',
      'event.type': 'content_block_start',
      'event.content_block.type': 'tool_use',
    },
    tool: { at: 'start', id: 'event.content_block.id', novelty: [] },
  },
  {
    when: { type: 'user' },
    tool: {
      at: 'end',
      each: { of: 'message.content', when: { type: 'tool_result' } },
      id: 'tool_use_id',
      novelty: ['content'],
    },
  },
  ...([false, true] as const).map((isError) => ({
    when: { type: 'result', is_error: isError },
    terminal: isError ? ('failure' as const) : ('success' as const),
    usage: {
      input: under('usage'),
      cachedInput: ['usage.cache_read_input_tokens'],
      output: ['usage.output_tokens'],
      usd: 'total_cost_usd',
      cumulative: true,
    },
  })),
].map((rule) => MeterRule.parse(rule))

/** Claude Code, `claude -p`. Not run for real in our tests: it is built on its documentation and recorded streams. */
export const claudeAgent: AgentType = {
  type: 'claude',
  about: 'Claude Code (claude -p), with its JSON stream',
  keys: { required: [], optional: ['command', 'auth', 'base_url', 'max_turns'] },
  program: 'claude',
  versionArgs: ['--version'],
  capabilities: { resume: true, terminalEvent: true, usage: 'dollars', restricts: true },
  wires: ['anthropic'],
  network: ['api.anthropic.com', 'platform.claude.com', 'console.anthropic.com'],
  login: {
    file: '.claude/.credentials.json',
    variables: ['ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'],
  },
  meter: METER,
  compose,
  judge: judgeClaude,
}
