import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ChaosProject } from './chaos-project.ts'

/** The built command line: the processes it starts are those of a real installation, and start in half the time. */
const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

/** Runs one command to its end. */
export const oc = (
  project: ChaosProject,
  args: readonly string[],
): { readonly exit: number | null; readonly output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [mainFile(), ...args, ...named(project)], {
    env: environment(project, {}),
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { exit: status, output: `${stdout}${stderr}` }
}

/** One life of `run --until-idle`. */
export interface Life {
  readonly pid: number
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>
  /** Everything it printed so far. */
  output(): string
}

let lives = 0

/** Starts `run --until-idle`. @param points the variables that steer fail points. */
export const startRun = (project: ChaosProject, points: Readonly<Record<string, string>> = {}): Life => {
  lives += 1
  const log = join(project.dir, `life-${lives}.log`)
  const file = openSync(log, 'a')
  const child: ChildProcess = spawn(
    process.execPath,
    [mainFile(), 'run', '--until-idle', '--max-wait', '60s', ...named(project)],
    { env: environment(project, points), stdio: ['ignore', file, file], detached: true },
  )
  const ended = new Promise<Awaited<Life['ended']>>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
  if (child.pid === undefined) throw new Error('run could not be started')
  return { pid: child.pid, ended, output: () => readFileSync(log, 'utf8') }
}

const named = (project: ChaosProject): string[] => ['--manifest', project.manifest]

const environment = (project: ChaosProject, extra: Readonly<Record<string, string>>) => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: join(project.dir, 'home'),
  LC_ALL: 'C',
  ...extra,
})

const mainFile = (): string => {
  if (existsSync(MAIN)) return MAIN
  throw new Error(`${MAIN} is missing: these tests run what was built; run \`npm run build\` first`)
}
