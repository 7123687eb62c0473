/**
 * `oc-supervise status`: what is alive, proved now. Its own entry, because it must cost little more than a bare Node
 * start: this folder imports only `node:*`, itself, and files of src/platform and src/durable that import nothing else;
 * formats and whatever only some claims need are loaded when they are needed.
 */
import type { Claim } from '../../src/contracts/status.ts'
import { exitCodeOf, nagiosExitOf } from './decide-claim.ts'
import { oneLine } from './one-line.ts'
import { parseFlags, STATUS_USAGE, type StatusFlags } from './parse-flags.ts'
import { loadProver, type Prover } from './prove-identity.ts'
import { readView, type StatusView } from './read-view.ts'

/** Where `status` reads its arguments and writes its words. */
export interface StatusCall {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly stderr: { write(text: string): unknown }
  /** The state folder that a manifest names (null: the default manifest); loaded only where the flags do not name one. */
  readonly stateDirOf: (manifest: string | null) => Promise<string>
  /** Ends `--watch`. */
  readonly signal?: AbortSignal
}

/**
 * Standard output for `runStatus`. `process.stdout` is a stream and brings the network stack with it, for a fifteenth of
 * a bare Node start; a status is one text, and a descriptor is enough.
 */
export const standardOutput: StatusCall['stdout'] = {
  write: (text) => {
    const { writeSync } = process.getBuiltinModule('node:fs')
    for (let left = Buffer.from(text); left.length > 0; ) {
      try {
        left = left.subarray(writeSync(1, left))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        // Nobody reads on (`status | head -1`): not an error of ours. A full pipe is tried again.
        if (code === 'EPIPE') return
        if (code !== 'EAGAIN') throw error
      }
    }
  },
  get isTTY() {
    const { fstatSync } = process.getBuiltinModule('node:fs')
    return fstatSync(1).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(1)
  },
}

const USAGE_EXIT = 2
const NAGIOS_UNKNOWN = 3
const WATCH_EVERY_MS = 1_000

/**
 * Runs `status` and gives its exit code: by the claim under `--exit-code`, by Nagios' rules under `--format nagios`,
 * else 0; 2 for a wrong argument and for a run nobody has heard of.
 * @throws what `stateDirOf` throws, but under Nagios' rules.
 */
export const runStatus = async (call: StatusCall): Promise<number> => {
  const parsed = parseFlags(call.argv, call.env)
  if (!parsed.ok) {
    return refuse(call, asksForNagios(call.argv), `${parsed.message}; see oc-supervise status --help`)
  }
  const { flags } = parsed
  if (flags.help) {
    call.stdout.write(STATUS_USAGE)
    return 0
  }
  let dir: string
  try {
    dir = await dirOf(call, flags)
  } catch (error) {
    if (flags.format !== 'nagios') throw error
    return refuse(call, true, (error as Error).message)
  }
  const prover = await loadProver()
  if (!flags.watch) return showOnce(call, flags, dir, prover)
  return watch(call, flags, dir, prover)
}

const dirOf = async ({ stateDirOf }: StatusCall, { source }: StatusFlags): Promise<string> =>
  source.by === 'dir' ? source.dir : stateDirOf(source.file)

/** Says what is wrong with the question; a monitor gets a line of its own kind beside it, for it reads no other. */
const refuse = ({ stdout, stderr }: StatusCall, isNagios: boolean, message: string): number => {
  stderr.write(`oc-supervise status: ${message}\n`)
  if (!isNagios) return USAGE_EXIT
  stdout.write(`OC-SUPERVISE UNKNOWN - ${oneLine(message).replaceAll('|', '/')}\n`)
  return NAGIOS_UNKNOWN
}

const showOnce = async (
  call: StatusCall,
  flags: StatusFlags,
  dir: string,
  prover: Prover,
): Promise<number> => {
  const view = await readView(dir, flags.runId, prover)
  const claim = view.run === null ? view.claim : view.run.claim
  if (claim === null) {
    const message = `${flags.runId} is not known in ${dir}; see oc-supervise runs list`
    return refuse(call, flags.format === 'nagios', message)
  }
  const exit = exitOf(view, claim, flags)
  call.stdout.write(await format(view, claim, exit, flags, wantsColours(call)))
  return flags.format === 'nagios' || flags.exitCode ? exit : 0
}

const exitOf = (view: StatusView, claim: Claim, { format, accept }: StatusFlags): number =>
  format === 'nagios'
    ? nagiosExitOf(claim, view.run === null ? (view.status?.cleanStop?.terminal ?? null) : 'passed', accept)
    : exitCodeOf(claim, accept)

const format = async (
  view: StatusView,
  claim: Claim,
  exit: number,
  flags: StatusFlags,
  colours: boolean,
): Promise<string> => {
  switch (flags.format) {
    case 'text':
      return (await import('./format-text.ts')).formatText(view, colours)
    case 'json':
      return (await import('./format-json.ts')).formatJson(view, exit)
    case 'prometheus':
      return (await import('./format-prometheus.ts')).formatPrometheus(view)
    case 'nagios':
      return (await import('./format-nagios.ts')).formatNagios(view, claim, exit as 0 | 1 | 2)
  }
}

/** Again every second until it is ended; the last exit code stands. */
const watch = async (call: StatusCall, flags: StatusFlags, dir: string, prover: Prover): Promise<number> => {
  const { setTimeout: delay } = await import('node:timers/promises')
  // Nagios calls a bad question otherwise, and what is critical by the code of a bad question.
  const nothingToShow = flags.format === 'nagios' ? NAGIOS_UNKNOWN : USAGE_EXIT
  for (;;) {
    if (call.stdout.isTTY) call.stdout.write('\u001b[H\u001b[2J')
    const code = await showOnce(call, flags, dir, prover)
    if (code === nothingToShow) return code
    await delay(WATCH_EVERY_MS, null, call.signal === undefined ? {} : { signal: call.signal }).catch(
      () => {},
    )
    if (call.signal?.aborted) return code
  }
}

const wantsColours = ({ stdout, env }: StatusCall): boolean => stdout.isTTY === true && !env.NO_COLOR

/** A monitor that misspells an argument must not read a usage error as CRITICAL. */
const asksForNagios = (argv: readonly string[]): boolean =>
  argv.includes('--format=nagios') || argv[argv.indexOf('--format') + 1] === 'nagios'
