import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesOf } from './processes.ts'

/** A folder and all processes that have to do with it; both end with the scope. */
export interface Scope {
  readonly dir: string
  /** A fresh folder in it. */
  folder(name: string): string
  /** Starts `node ARGS` as a user would; its output goes to `<log>` in the folder. */
  node(args: readonly string[], options: { readonly log: string; readonly path?: string }): Started
  end(): Promise<void>
}

export interface Started {
  readonly pid: number
  /** The file with its output. */
  readonly log: string
  readonly child: ChildProcess
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** What a process of ours is given of our environment: next to nothing, as in the tests. */
export const userEnvironment = (home: string, path = process.env.PATH ?? ''): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:${path}`,
  HOME: home,
  LC_ALL: 'C',
})

const ENDED_WITHIN_MS = 10_000

export const makeScope = (name: string): Scope => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `oc-supervise-bench-${name}-`)))
  const folder = (child: string): string => {
    const path = join(dir, child)
    mkdirSync(path, { recursive: true })
    return path
  }
  return {
    dir,
    folder,
    node: (args, options) => {
      const log = join(dir, options.log)
      const file = openSync(log, 'a')
      const env = userEnvironment(folder('home'), options.path)
      const child = spawn(process.execPath, args, { cwd: dir, env, stdio: ['ignore', file, file] })
      closeSync(file)
      if (child.pid === undefined) throw new Error(`${args.join(' ')} could not be started`)
      const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
        child.once('exit', (code, signal) => resolve({ code, signal }))
      })
      return { pid: child.pid, log, child, ended }
    },
    end: async () => {
      await endProcessesOf(dir)
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Supervisors start anew what dies, so this is repeated until nobody is left. */
const endProcessesOf = async (dir: string): Promise<void> => {
  const deadlineMs = performance.now() + ENDED_WITHIN_MS
  for (let left = processesOf(dir); left.length > 0; left = processesOf(dir)) {
    for (const pid of left) kill(pid)
    if (performance.now() > deadlineMs) throw new Error(`still alive below ${dir}: ${left.join(', ')}`)
    await sleep(50)
  }
}

/** A process that has gone in between is gone. */
const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}
