import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { AgentRequest, AgentType } from './agent-type.ts'
import { judgeAider } from './aider/judge-aider.ts'

/** The program beside this file, in source and in the built tree alike. */
const RUN_TIDY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './aider/run-tidy.ts' : './aider/run-tidy.js', import.meta.url),
)

/** It keeps a cache of tags in the repository, and no option moves it. */
const CACHE_PREFIX = '.aider.tags.cache.'

/** Whatever it would ask is answered with yes, and whatever would reach out, commit or litter is turned off. */
const argvOf = (config: AgentConfig, request: AgentRequest): string[] => [
  process.execPath,
  RUN_TIDY,
  CACHE_PREFIX,
  ...request.program,
  ...['--message-file', request.promptFile],
  '--yes-always',
  ...['--no-auto-commits', '--no-dirty-commits', '--no-gitignore'],
  ...['--no-stream', '--no-pretty', '--no-fancy-input'],
  ...['--no-check-update', '--no-show-release-notes', '--no-show-model-warnings', '--analytics-disable'],
  ...['--no-detect-urls', '--no-suggest-shell-commands'],
  ...['--chat-history-file', join(request.home, '.aider.chat.history.md')],
  ...['--input-history-file', join(request.home, '.aider.input.history')],
  ...(config.model === null ? [] : ['--model', config.model]),
]

/** Which variable its model library reads a provider's address from, by how the model's name begins. */
const ADDRESS_VARIABLES: ReadonlyArray<readonly [model: RegExp, variable: string]> = [
  [/^(?:anthropic\/|claude|sonnet|opus|haiku)/, 'ANTHROPIC_API_BASE'],
  [/^ollama(?:_chat)?\//, 'OLLAMA_API_BASE'],
  [/^openrouter\//, 'OPENROUTER_API_BASE'],
  [/^deepseek\//, 'DEEPSEEK_API_BASE'],
]

const addressOf = ({ baseUrl, model }: AgentConfig): Record<string, string> => {
  if (baseUrl === null) return {}
  const row = ADDRESS_VARIABLES.find(([name]) => name.test(model ?? ''))
  return { [row?.[1] ?? 'OPENAI_API_BASE']: baseUrl }
}

/**
 * aider with one message. It has no protocol: nothing is metered while it runs, and sessions are not resumed.
 * Not run for real in our tests: it is built on its source, its documentation and recorded transcripts.
 */
export const aiderAgent: AgentType = {
  type: 'aider',
  about: 'aider, one message; no stream of events, no resume',
  keys: { required: [], optional: ['command', 'auth', 'base_url'] },
  program: 'aider',
  versionArgs: ['--version'],
  capabilities: { resume: false, terminalEvent: false, usage: 'dollars' },
  wires: [],
  network: ['api.openai.com', 'api.anthropic.com', 'generativelanguage.googleapis.com', 'openrouter.ai'],
  login: {
    file: '.aider/oauth-keys.env',
    variables: [
      'OPENAI_API_KEY',
      'ANTHROPIC_API_KEY',
      'OPENROUTER_API_KEY',
      'GEMINI_API_KEY',
      'DEEPSEEK_API_KEY',
    ],
  },
  meter: [],
  compose: (config, request) => ({
    argv: argvOf(config, request),
    stdinFile: null,
    env: {
      // Without a terminal it would break its lines at 80 columns, in the middle of what we read.
      COLUMNS: '10000',
      // It offers pages of help to a browser, and every offer is answered with yes.
      BROWSER: 'true',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      ...addressOf(config),
    },
    homeFiles: {},
  }),
  judge: judgeAider,
}
