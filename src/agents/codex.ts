import { dirname, join } from 'node:path'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import { MeterFile, MeterRule } from '../contracts/meter.ts'
import type { AgentLaunch, AgentRequest, AgentType } from './agent-type.ts'
import { CODEX_TOOLS, judgeCodex } from './codex/judge-codex.ts'

/**
 * Codex without a terminal: one JSON event a line. Its own sandbox and approvals are off because ours contains it. The
 * prompt goes by standard input, where neither `ps` nor the limit of an argument list knows it.
 */
const compose = (config: AgentConfig, request: AgentRequest): AgentLaunch => ({
  argv: [
    ...request.program,
    'exec',
    ...(request.resume === null ? [] : ['resume']),
    '--json',
    '--dangerously-bypass-approvals-and-sandbox',
    ...(request.resume === null ? [] : [request.resume.sessionId]),
    '-',
  ],
  stdinFile: request.promptFile,
  env: {},
  homeFiles: { '.codex/config.toml': configToml(config, request) },
})

const PROVIDER = 'oc-supervise'

/**
 * Its whole configuration. A key is named by its variable, never written; the tools it starts do not see that variable.
 * With the login of its own program it keeps its own provider.
 */
const configToml = (config: AgentConfig, request: AgentRequest): string => {
  const [secret] = Object.keys(config.secrets)
  const ownProvider = config.baseUrl !== null || secret !== undefined
  return [
    ...(config.model === null ? [] : [`model = ${quoted(config.model)}`]),
    ...(ownProvider ? [`model_provider = ${quoted(PROVIDER)}`] : []),
    'check_for_update_on_startup = false',
    ...(request.restricted ? ['web_search = "disabled"'] : []),
    '[analytics]',
    'enabled = false',
    '[feedback]',
    'enabled = false',
    '[history]',
    'persistence = "none"',
    '[shell_environment_policy]',
    `exclude = [${Object.keys(config.secrets).map(quoted).join(', ')}]`,
    ...(ownProvider ? provider(config.baseUrl ?? 'https://api.openai.com/v1', secret) : []),
    '',
  ].join('\n')
}

const provider = (baseUrl: string, secret: string | undefined): string[] => [
  `[model_providers.${PROVIDER}]`,
  `name = ${quoted(PROVIDER)}`,
  `base_url = ${quoted(baseUrl)}`,
  ...(secret === undefined ? [] : [`env_key = ${quoted(secret)}`]),
  'wire_api = "responses"',
]

/** A string of TOML; JSON writes the same escapes. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f')

/** What makes the result of one of its tools new. */
const NOVELTY: Readonly<Record<(typeof CODEX_TOOLS)[number], readonly string[]>> = {
  command_execution: ['item.command', 'item.aggregated_output', 'item.exit_code'],
  // It tells which files it changed and not how, so every change counts.
  file_change: ['item.id', 'item.changes'],
  mcp_tool_call: ['item.server', 'item.tool', 'item.arguments', 'item.result'],
  web_search: ['item.query'],
}

/** Its stream tells of tokens only at the end of a turn, and of turns of the model not at all: a tool call counts as one. */
const METER: readonly MeterRule[] = [
  ...CODEX_TOOLS.flatMap((type) => [
    {
      when: { type: 'item.started', 'item.type': type },
      turn: true,
      tool: { at: 'start' as const, id: 'item.id', novelty: [] },
    },
    {
      when: { type: 'item.completed', 'item.type': type },
      tool: { at: 'end' as const, id: 'item.id', novelty: [...NOVELTY[type]] },
    },
  ]),
  {
    when: { type: 'turn.completed' },
    usage: {
      input: ['usage.input_tokens'],
      cachedInput: ['usage.cached_input_tokens'],
      output: ['usage.output_tokens'],
      // Over the whole thread, earlier attempts at it included.
      cumulative: true,
    },
    terminal: 'success' as const,
  },
  { when: { type: 'turn.failed' }, terminal: 'failure' as const },
].map((rule) => MeterRule.parse(rule))

/**
 * Its rollouts tell the tokens of each answer before its tools are called; helpers have rollouts of their own, which may
 * begin with a copy of what was before. A thread's total grows with every answer, so that it names one.
 */
const ROLLOUTS: MeterFile = MeterFile.parse({
  folder: '.codex/sessions',
  prefix: 'rollout-',
  suffix: '.jsonl',
  when: { type: 'token_usage_record' },
  usage: {
    input: ['payload.usage.input_tokens'],
    cachedInput: ['payload.usage.cached_input_tokens'],
    output: ['payload.usage.output_tokens'],
  },
  answer: ['payload.thread_id', 'payload.thread_token_usage.total_tokens'],
})

const TARGETS: Readonly<Record<string, readonly [pkg: string, target: string]>> = {
  'linux-x64': ['codex-linux-x64', 'x86_64-unknown-linux-musl'],
  'linux-arm64': ['codex-linux-arm64', 'aarch64-unknown-linux-musl'],
  'darwin-x64': ['codex-darwin-x64', 'x86_64-apple-darwin'],
  'darwin-arm64': ['codex-darwin-arm64', 'aarch64-apple-darwin'],
}

/** Its npm package brings a launcher in front of the binary; under older Nodes that stays between signals and Codex. */
const nativeBinaries = (launcher: string): string[] => {
  const [pkg, target] = TARGETS[`${process.platform}-${process.arch}`] ?? []
  if (pkg === undefined || target === undefined || !launcher.endsWith('/@openai/codex/bin/codex.js'))
    return []
  const root = dirname(dirname(launcher))
  return [join(root, '..', pkg), join(root, 'node_modules/@openai', pkg), root].map((folder) =>
    join(folder, 'vendor', target, 'bin/codex'),
  )
}

/** Codex, `codex exec`. */
export const codexAgent: AgentType = {
  type: 'codex',
  about: 'OpenAI Codex (codex exec), with its JSON stream',
  keys: { required: [], optional: ['command', 'auth', 'base_url', 'max_turns'] },
  program: 'codex',
  inside: nativeBinaries,
  versionArgs: ['--version'],
  capabilities: { resume: true, terminalEvent: true, usage: 'tokens', usageOfSession: true, restricts: true },
  wires: ['responses'],
  network: ['api.openai.com', 'chatgpt.com', 'auth.openai.com'],
  login: { file: '.codex/auth.json', variables: ['OPENAI_API_KEY', 'CODEX_API_KEY'] },
  meter: METER,
  meterFiles: [ROLLOUTS],
  compose,
  judge: judgeCodex,
}
