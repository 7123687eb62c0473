import { join, resolve } from 'node:path'
import type { Accept } from './decide-claim.ts'

const FORMATS = ['text', 'json', 'prometheus', 'nagios'] as const
type Format = (typeof FORMATS)[number]

/** Where the state lies: known from the flags alone, or only after a manifest has been read (null: the default one). */
type StateSource =
  | { readonly by: 'dir'; readonly dir: string }
  | { readonly by: 'manifest'; readonly file: string | null }

export interface StatusFlags {
  readonly source: StateSource
  readonly format: Format
  readonly exitCode: boolean
  readonly accept: readonly Accept[]
  readonly runId: string | null
  readonly watch: boolean
  readonly help: boolean
}

export const STATUS_USAGE = `Usage: oc-supervise status [--manifest FILE | --name NAME | --state-dir DIR] [options]

Says what is alive, proved now and not remembered. Reads files only: it starts nothing and asks nobody.

  --manifest FILE      the manifest whose tree is meant (default: $OC_SUPERVISE_MANIFEST, then ./oc-supervise.yaml)
  --name NAME          the tree of this name in the state home; reads no manifest
  --state-home DIR     where named trees lie (default: $XDG_STATE_HOME/oc-supervise)
  --state-dir DIR      the folder that holds status.json; reads no manifest
  --exit-code          say it by the exit code, for monitors
  --accept LIST        claims that count as 0: waiting, terminal (comma-separated)
  --run-id RUN         the claim about one run
  --format FORMAT      text (default), json, prometheus, nagios (exits 0, 1, 2 or 3)
  --json               the same as --format json
  --watch              again every second, for people

Exit codes, with --exit-code
  0   live_attached: everything wanted is proved
  2   wrong usage, or nobody has heard of the run
  10  waiting_state_observed: paused, or something waits for a person
  11  attachment_unproven: something that should be alive is not proved
  12  terminal_observed: a clean stop, and nothing lives
  13  snapshot_only: it never ran, or died without a clean stop

Example
  oc-supervise status --name api --exit-code --accept waiting
`

type Parsed =
  | { readonly ok: true; readonly flags: StatusFlags }
  | { readonly ok: false; readonly message: string }

const WITH_VALUE = ['--manifest', '--name', '--state-home', '--state-dir', '--accept', '--run-id', '--format']
const WITHOUT_VALUE = ['--exit-code', '--json', '--watch', '--help', '-h']

/** Reads the arguments of `status`, as --flag value or --flag=value. By hand: a parser would cost more than the status. */
export const parseFlags = (argv: readonly string[], env: NodeJS.ProcessEnv): Parsed => {
  const values = new Map<string, string>()
  for (let at = 0; at < argv.length; at++) {
    const [name = '', inline] = splitOnce(argv[at] ?? '')
    if (WITHOUT_VALUE.includes(name) && inline === undefined) {
      values.set(name, '')
    } else if (WITH_VALUE.includes(name)) {
      const value = inline ?? argv[++at]
      if (value === undefined || value === '') return { ok: false, message: `${name} needs a value` }
      values.set(name, value)
    } else {
      return { ok: false, message: `status does not know ${JSON.stringify(argv[at])}` }
    }
  }
  return flagsOf(values, env)
}

const flagsOf = (values: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): Parsed => {
  const format = values.has('--json') ? 'json' : (values.get('--format') ?? 'text')
  if (!isFormat(format))
    return { ok: false, message: `--format is ${format}; it may be ${FORMATS.join(', ')}` }
  const accept = (values.get('--accept') ?? '').split(',').filter((group) => group !== '')
  const unknown = accept.find((group) => group !== 'waiting' && group !== 'terminal')
  if (unknown !== undefined)
    return { ok: false, message: `--accept is ${unknown}; it may be waiting, terminal` }
  const runId = values.get('--run-id') ?? null
  if (runId !== null && !/^run-[a-z0-9][a-z0-9-]{0,63}$/.test(runId)) {
    return { ok: false, message: `--run-id is ${JSON.stringify(runId)}; it must look like run-…` }
  }
  const source = sourceOf(values, env)
  if (typeof source === 'string') return { ok: false, message: source }
  return {
    ok: true,
    flags: {
      source,
      format,
      exitCode: values.has('--exit-code'),
      accept: accept as Accept[],
      runId,
      watch: values.has('--watch'),
      help: values.has('--help') || values.has('-h'),
    },
  }
}

/** At most one way to name the state; a message where there are several. */
const sourceOf = (values: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): StateSource | string => {
  const given = ['--manifest', '--name', '--state-dir'].filter((name) => values.has(name))
  if (given.length > 1) return `${given.join(' and ')} name the same thing; give one of them`
  const dir = values.get('--state-dir')
  if (dir !== undefined) return { by: 'dir', dir: resolve(dir) }
  const name = values.get('--name')
  if (name === undefined) return { by: 'manifest', file: values.get('--manifest') ?? null }
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
    return `--name is ${JSON.stringify(name)}; it must match [a-z0-9][a-z0-9-]{0,39}`
  return { by: 'dir', dir: join(values.get('--state-home') ?? stateHome(env), name) }
}

/** The XDG base directory rule: a relative value counts as unset. */
const stateHome = (env: NodeJS.ProcessEnv): string => {
  const home = env.XDG_STATE_HOME
  const base = home?.startsWith('/') ? home : join(env.HOME ?? '/', '.local', 'state')
  return join(base, 'oc-supervise')
}

const isFormat = (text: string): text is Format => (FORMATS as readonly string[]).includes(text)

const splitOnce = (argument: string): [string, string?] => {
  const at = argument.startsWith('--') ? argument.indexOf('=') : -1
  return at === -1 ? [argument] : [argument.slice(0, at), argument.slice(at + 1)]
}
