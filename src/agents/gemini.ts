import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import { MeterFile, MeterRule } from '../contracts/meter.ts'
import type { AgentLaunch, AgentRequest, AgentType } from './agent-type.ts'
import { judgeGemini } from './gemini/judge-gemini.ts'

/**
 * Gemini CLI without a terminal: one JSON event a line. It approves its own tools because our sandbox contains them. The
 * prompt goes by standard input; without that it would wait for a person.
 */
const compose = (config: AgentConfig, request: AgentRequest): AgentLaunch => ({
  argv: [
    ...request.program,
    ...['--output-format', 'stream-json'],
    ...['--approval-mode', 'yolo'],
    ...(config.model === null ? [] : ['--model', config.model]),
    ...(request.resume === null ? [] : ['--resume', request.resume.sessionId]),
    ...(request.restricted ? ['--allowed-mcp-server-names', 'none', '--extensions', 'none'] : []),
  ],
  stdinFile: request.promptFile,
  env: {
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    // One process instead of a parent and a child: the parent outlives SIGTERM.
    GEMINI_CLI_NO_RELAUNCH: 'true',
    ...(config.baseUrl === null ? {} : { GOOGLE_GEMINI_BASE_URL: config.baseUrl }),
  },
  homeFiles: {
    '.gemini/settings.json': settings(config, request),
    ...sessionsOf(request.workspace),
  },
})

/** Its tools do not see the variables of its secrets. It gives up after 4 refusals (some 40 s) rather than 10. */
const settings = (config: AgentConfig, request: AgentRequest): string =>
  JSON.stringify({
    security: {
      auth: { selectedType: loginKind(config) },
      environmentVariableRedaction: { enabled: true, blocked: Object.keys(config.secrets) },
    },
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false, maxAttempts: 4 },
    telemetry: { enabled: false },
    privacy: { usageStatisticsEnabled: false },
    ...(request.restricted ? { tools: { exclude: ['web_fetch', 'google_web_search'] } } : {}),
  })

const loginKind = (config: AgentConfig): string => {
  if (config.inheritsLogin) return 'oauth-personal'
  return 'GOOGLE_API_KEY' in config.secrets ? 'vertex-ai' : 'gemini-api-key'
}

/**
 * It keeps sessions under a name for each project folder, and every attempt has a folder of its own: here all of them
 * bear one name, so that the next attempt finds the session of the last.
 */
const sessionsOf = (workspace: string): Record<string, string> => ({
  '.gemini/projects.json': JSON.stringify({ projects: { [workspace]: PROJECT } }),
  [`.gemini/tmp/${PROJECT}/.project_root`]: workspace,
  [`.gemini/history/${PROJECT}/.project_root`]: workspace,
})

const PROJECT = 'workspace'

const USAGE = {
  input: ['stats.input_tokens'],
  cachedInput: ['stats.cached'],
  output: ['stats.output_tokens'],
  cumulative: true,
}

/**
 * Its stream tells of tokens only in the end, and of turns not at all: a tool call counts as one. Most results come
 * without their text, so what is asked makes a call new.
 */
const METER: readonly MeterRule[] = [
  {
    when: { type: 'tool_use' },
    turn: true,
    tool: { at: 'start', id: 'tool_id', novelty: ['tool_name', 'parameters'] },
  },
  { when: { type: 'tool_result' }, tool: { at: 'end', id: 'tool_id', novelty: ['status', 'output'] } },
  { when: { type: 'result', status: 'success' }, usage: USAGE, terminal: 'success' },
  { when: { type: 'result', status: 'error' }, usage: USAGE, terminal: 'failure' },
].map((rule) => MeterRule.parse(rule))

/**
 * Its chats, and those of its helpers below them. It writes a message again whenever something is added to it. Thinking
 * and what tools put into a request stand apart; both are paid.
 */
const CHATS: MeterFile = MeterFile.parse({
  folder: `.gemini/tmp/${PROJECT}/chats`,
  prefix: '',
  suffix: '.jsonl',
  when: { type: 'gemini' },
  usage: {
    input: ['tokens.input'],
    cachedInput: ['tokens.cached'],
    output: ['tokens.output', 'tokens.thoughts', 'tokens.tool'],
  },
  answer: ['id'],
})

/** Gemini CLI, `gemini`. */
export const geminiAgent: AgentType = {
  type: 'gemini',
  about: 'Google Gemini CLI (gemini), with its JSON stream',
  keys: { required: [], optional: ['command', 'auth', 'base_url', 'max_turns'] },
  program: 'gemini',
  versionArgs: ['--version'],
  capabilities: { resume: true, terminalEvent: true, usage: 'tokens', restricts: true },
  wires: ['gemini'],
  network: ['generativelanguage.googleapis.com', 'cloudcode-pa.googleapis.com', 'oauth2.googleapis.com'],
  login: { file: '.gemini/oauth_creds.json', variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] },
  meter: METER,
  meterFiles: [CHATS],
  compose,
  judge: judgeGemini,
}
