import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { loadProver } from '../../../supervisor/status/prove-identity.ts'
import { readStrays, type Stray } from '../../../supervisor/status/read-strays.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'

const LAUNCHER = fileURLToPath(new URL('../../../src/cli/oc-supervise.cjs', import.meta.url))

/** What one call of the command line came to. */
export interface Result {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A call of the command line that goes on. */
export interface Running {
  readonly pid: number
  /** Standard output and errors so far, as they came. */
  output(): string
  signal(signal: NodeJS.Signals): void
  /** Nobody reads its output from now on. */
  closeOutput(): void
  readonly ended: Promise<Result>
}

export interface CallOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Programs that become it in the end: their argv, before its own. */
  readonly through?: readonly string[]
}

const started = new Set<ChildProcess>()
const stateDirs = new Set<string>()

/** Starts `oc-supervise ARGS` as its user does: a process of its own, an empty HOME, none of our variables. */
export const start = (args: readonly string[], options: CallOptions = {}): Running => {
  const home = options.cwd ?? makeTempDir('home')
  const [program = '', ...argv] = [...(options.through ?? []), process.execPath, LAUNCHER, ...args]
  const child = spawn(program, argv, {
    cwd: home,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: home,
      LC_ALL: 'C',
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  started.add(child)
  let stdout = ''
  let stderr = ''
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    output += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const ended = new Promise<Result>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      started.delete(child)
      resolve({ code, signal, stdout, stderr })
    })
  })
  return {
    pid: child.pid ?? 0,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    closeOutput: () => {
      child.stdout.destroy()
      child.stderr.destroy()
    },
    ended,
  }
}

/** Calls `oc-supervise ARGS` and waits for its end. */
export const oc = (args: readonly string[], options: CallOptions = {}): Promise<Result> =>
  start(args, options).ended

/** Every process that a state folder has registered and that is not gone: lanes, services, keepers, agents, effects. */
export const straysOf = async (stateDir: string): Promise<readonly Stray[]> =>
  readStrays(stateDir, [], await loadProver()).strays

/** Whatever of this tree is still there when the test file is done is ended, each process by its proved identity. */
export const endWhenDone = (stateDir: string): void => void stateDirs.add(stateDir)

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL')
  for (const dir of stateDirs) {
    await until(async () => {
      const strays = await straysOf(dir)
      for (const { pid } of strays) process.kill(pid, 'SIGKILL')
      return strays.length === 0
    })
  }
}, 60_000)
