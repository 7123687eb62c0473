import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { vi } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { reportError } from '../../../src/cli/report-error.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts')

/** Runs the command line in this process, as main.ts does it. */
export const oc = async (...argv: string[]): Promise<Ran> => {
  const out: string[] = []
  const err: string[] = []
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0)
  try {
    const code = await runProgram(argv).catch(reportError)
    return { code, stdout: out.join(''), stderr: err.join('') }
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
    process.exitCode = 0
  }
}

/** The one object that a command printed with `--json`. */
// biome-ignore lint/suspicious/noExplicitAny: tests read into it freely
export const ocJson = async (...argv: string[]): Promise<any> => {
  const ran = await oc(...argv, '--json')
  if (!ran.stdout.endsWith('\n') || ran.stdout.indexOf('\n') !== ran.stdout.length - 1)
    throw new Error(`not one line: ${ran.stdout} ${ran.stderr}`)
  return JSON.parse(ran.stdout)
}

/** Runs the command line as a process of its own. */
export const ocProcess = (argv: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  new Promise((done) => {
    execFile(
      process.execPath,
      [MAIN, ...argv],
      { env: environment(env), timeout: 15_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        done({ code, stdout, stderr })
      },
    )
  })

/** Starts the command line and leaves it running; whoever starts it ends it by its pid. */
export const ocSpawn = (argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, ...argv], { env: environment({}), stdio: ['ignore', 'pipe', 'pipe'] })

const environment = (env: Record<string, string>): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  ...env,
})
