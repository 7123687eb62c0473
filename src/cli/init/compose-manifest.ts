import type { SandboxFacts } from '../../platform/sandbox/find-sandbox.ts'
import { oneLine } from '../print/visible.ts'
import type { DetectedAgent } from './detect-agent.ts'
import type { DetectedChecks } from './detect-checks.ts'
import type { DetectedRepository } from './detect-repository.ts'

export interface ManifestFacts {
  readonly repository: DetectedRepository
  readonly checks: DetectedChecks
  readonly agent: DetectedAgent
  readonly operator: { readonly name: string; readonly publicKey: string } | null
  readonly stateDir: string | null
  readonly sandbox: SandboxFacts
}

/** The text of a first manifest: what was found out, and what a person is likely to change next. */
export const composeManifest = (facts: ManifestFacts): string =>
  [
    '# What oc-supervise runs here. Every key: docs/manifest.md; check it with: oc-supervise manifest check',
    'version: 1',
    `name: ${word(facts.repository.key)}`,
    ...stateLines(facts.stateDir),
    sandboxLine(facts.sandbox),
    '',
    ...repositoryLines(facts),
    '',
    ...agentLines(facts.agent),
    '',
    'lanes: # a lane that is not named is off',
    '  goal: {agent: coder} # does the tasks',
    '  review: {} # drives their pull requests to a merge',
    '',
    ...gateLines(facts.operator),
    '',
  ].join('\n')

const sandboxLine = (sandbox: SandboxFacts): string =>
  sandbox.ok
    ? 'sandbox: on # agents, setup and checks see their clone and the system, and reach only hosts that are named'
    : `sandbox: off # there is none on this host (${oneLine(sandbox.missing)}): all of it runs as your own user`

const stateLines = (stateDir: string | null): string[] =>
  stateDir === null
    ? ['# state_dir: ~/.local/state/oc-supervise # where state lies; never in a repository that is worked on']
    : [`state_dir: ${word(stateDir)}`]

const repositoryLines = ({ repository, checks }: ManifestFacts): string[] => [
  'repos:',
  `  ${word(repository.key)}:`,
  `    url: ${word(repository.url)} # ${repository.source}`,
  `    default_branch: ${word(repository.defaultBranch)}`,
  checks.setup.length === 0
    ? '    # setup: [npm ci] # run in every fresh clone, before agent and checks'
    : `    setup: ${list(checks.setup)} # run in every fresh clone, before agent and checks`,
  ...(checks.setup.length === 0 || checks.network.length === 0
    ? []
    : [`    setup_network: ${list(checks.network)} # what setup may reach from the sandbox`]),
  checks.source === null
    ? '    checks: [] # found none: name what must pass, as in [make test]; without a check nothing merges by itself'
    : `    checks: ${checkList(checks)} # from ${checks.source}; what must pass before a push and a merge`,
  '    # allowed_paths: ["src/**", "test/**"] # what tasks may change; without it all but the built-in list',
  '    merge: manual # a person decides every merge; auto merges once checks and review allow it',
]

/** Without a setup that fetches it, checks fetch what they need themselves. */
const checkList = ({ setup, checks, network }: DetectedChecks): string =>
  setup.length > 0 || network.length === 0
    ? list(checks)
    : `[${checks.map((run) => `{name: ${word(run)}, run: ${word(run)}, network: ${list(network)}}`).join(', ')}]`

const agentLines = ({ type, command, secret }: DetectedAgent): string[] => [
  'agents:',
  '  coder:',
  `    type: ${type} # others: oc-supervise agent list`,
  ...(command.length === 0
    ? []
    : [
        `    command: ${list(command)} # found none we know: write the program of yours and its arguments`,
        '    prompt: stdin # or file: then write {prompt_file} as an argument',
      ]),
  secret === null
    ? '    # auth: {env: MY_AGENT_KEY} # the variable that holds its secret; nothing else of your environment reaches it'
    : `    auth: {env: ${word(secret)}} # the variable that holds its secret; nothing else of your environment reaches it`,
  '    timeout: 45m',
]

const gateLines = (operator: ManifestFacts['operator']): string[] =>
  operator === null
    ? [
        'gates:',
        '  signing: optional # unsigned decisions count, and are recorded as unsigned. Better, where you decide:',
        '  #   ssh-keygen -t ed25519 -f ~/.ssh/oc-supervise-gate',
        '  # and then, instead of signing: optional,',
        '  # operators:',
        '  #   you: {ssh_key_file: ~/.ssh/oc-supervise-gate.pub}',
      ]
    : ['gates:', '  operators:', `    ${word(operator.name)}: {ssh_key: ${word(operator.publicKey)}}`]

const list = (items: readonly string[]): string => `[${items.map(word).join(', ')}]`

/** Plain where YAML cannot misread it, else quoted; a JSON string is a YAML string. */
const word = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9_./ -]*[A-Za-z0-9]$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text)
