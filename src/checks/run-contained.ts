import { mkdirSync, writeFileSync } from 'node:fs'
import type { ContainmentLevel } from '../contracts/agent-run.ts'
import type { NetworkRule } from '../contracts/compiled-manifest.ts'
import type { IncarnationId } from '../contracts/ids.ts'
import { systemClock } from '../platform/clock.ts'
import { contain } from '../platform/containment.ts'
import { childEnvironment } from '../platform/environment.ts'
import { removeTree } from '../platform/remove-tree.ts'
import { runRegistered } from '../platform/run-registered.ts'
import { enterSandbox, wasEntered } from '../platform/sandbox/enter-sandbox.ts'
import { SpawnError } from '../platform/spawn-error.ts'
import { type CommandCeilings, ceilingOf } from './command-ceilings.ts'
import { excerptOf } from './excerpt.ts'

export interface ContainedCommand {
  /** A line for `sh -c`, from the manifest. */
  readonly command: string
  readonly cwd: string
  /** Its HOME; made if it is not there. Nothing of ours or of the person's is in it. */
  readonly home: string
  /** The repository's own variables. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly ceilings: CommandCeilings
  readonly containment: ContainmentLevel
  /** Its walls; null: it runs as our own user. */
  readonly sandbox: CommandSandbox | null
  /** Where all of its output goes. */
  readonly outputFile: string
  readonly process: {
    readonly subject: string
    readonly owner: IncarnationId
    readonly registrationsDir: string
  }
}

/** What a command in the sandbox sees beside its working folder, its HOME and the system's own folders. */
export interface CommandSandbox {
  /** As records name it. */
  readonly profile: string
  readonly readable: readonly string[]
  readonly hidden: readonly string[]
  readonly network: NetworkRule
}

export interface ContainedResult {
  readonly outcome: 'passed' | 'failed' | 'timed_out' | 'error'
  readonly exitCode: number | null
  readonly durationMs: number
  readonly excerpt: string
}

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

/** Signals that somebody else sends; the others (SEGV, ABRT …) are the command's own doing. */
const OUTSIDE_SIGNALS: readonly (string | null)[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']

/**
 * Runs one command of the manifest to its end and leaves nothing of it running: not what it put into the background,
 * not what it started in a new session. Output and errors come in one stream, in order, at most 16 MiB. What takes more
 * than its ceilings is ended, and has failed.
 * @throws Error when somebody else ended it: that says nothing about what it was to find out, so it is run again.
 */
export const runContained = async (input: ContainedCommand): Promise<ContainedResult> => {
  mkdirSync(input.home, { recursive: true, mode: 0o700 })
  const walls = await wallsOf(input)
  const startedMs = systemClock.monoMs()
  const ended = (outcome: ContainedResult['outcome'], exitCode: number | null, output: string) => {
    writeFileSync(input.outputFile, output, { mode: 0o600 })
    const durationMs = Math.round(systemClock.monoMs() - startedMs)
    return { outcome, exitCode, durationMs, excerpt: excerptOf(output) }
  }
  try {
    const result = await runRegistered({
      role: 'effect',
      ...input.process,
      argv: contain([...walls.wrapper, 'sh', '-c', `exec 2>&1\n${input.command}`], input.containment),
      cwd: input.cwd,
      env: { ...input.env, HOME: input.home },
      timeoutMs: input.timeoutMs,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      ceiling: ceilingOf(input.ceilings, [input.cwd, input.home, ...walls.folders]),
    })
    const output = `${result.stdout}${result.stderr}${noteOf(result, input.timeoutMs)}`
    if (result.overstepped !== null) return ended('failed', null, output)
    if (result.timedOut) return ended('timed_out', null, output)
    if (result.overflowed) return ended('failed', null, output)
    if (!walls.wereBuilt()) return ended('error', null, `the sandbox could not be built\n${output}`)
    if (OUTSIDE_SIGNALS.includes(result.signal)) {
      throw new Error(`\`${input.command}\` was ended from outside by ${result.signal}`)
    }
    return ended(result.exitCode === 0 ? 'passed' : 'failed', result.exitCode, output)
  } catch (error) {
    if (error instanceof SpawnError) return ended('error', null, error.message)
    throw error
  } finally {
    await walls.remove()
  }
}

/** @throws Error where a sandbox is wanted and the host has none. */
const wallsOf = async ({ sandbox, cwd, home, env }: ContainedCommand) => {
  if (sandbox === null) return { wrapper: [], folders: [], wereBuilt: () => true, remove: async () => {} }
  const [tmp, notes] = [`${home}.tmp`, `${home}.sandbox`]
  const remove = async (): Promise<void> => {
    for (const path of [tmp, notes]) await removeTree(path)
  }
  await remove()
  const { PATH = '' } = childEnvironment({ ...env })
  const wrapper = enterSandbox({
    world: { ...sandbox, writable: [cwd, home], tmp },
    dir: notes,
    path: PATH,
  })
  return { wrapper, folders: [tmp], wereBuilt: () => wasEntered(notes), remove }
}

const noteOf = (
  result: { timedOut: boolean; overflowed: boolean; overstepped: string | null; signal: string | null },
  timeoutMs: number,
): string => {
  if (result.timedOut) return `\n[ended after ${timeoutMs / 1000} s]\n`
  if (result.overstepped !== null) return `\n[ended: ${result.overstepped}]\n`
  if (result.overflowed) return `\n[ended: more than ${MAX_OUTPUT_BYTES} bytes of output]\n`
  return result.signal === null ? '' : `\n[ended by ${result.signal}]\n`
}
