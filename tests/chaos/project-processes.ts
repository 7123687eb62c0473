import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { ChaosProject } from './chaos-project.ts'

/** A process that has to do with a project. */
export interface ProjectProcess {
  readonly pid: number
  readonly command: string
}

/**
 * Every living process whose command line, environment or working folder names the project's folder: whatever we or an
 * agent of ours started there does, marked or not. Zombies are dead.
 */
export const processesOf = ({ dir }: ChaosProject): ProjectProcess[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name): ProjectProcess[] => {
      const command = readOrEmpty(`/proc/${name}/cmdline`).replaceAll('\0', ' ')
      const isOurs =
        command.includes(dir) ||
        readOrEmpty(`/proc/${name}/environ`).includes(dir) ||
        linkOrEmpty(`/proc/${name}/cwd`).startsWith(dir)
      return isOurs && !isDead(name) ? [{ pid: Number(name), command }] : []
    })

/** Ends all of them, by pid. */
export const killAll = (project: ChaosProject): void => {
  for (const { pid } of processesOf(project)) killOne(pid, 'SIGKILL')
}

/** Signals one process; false where it is gone already. */
export const killOne = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

const isDead = (pid: string): boolean => /^\d+ \(.*\) [ZX] /s.test(readOrEmpty(`/proc/${pid}/stat`) || 'Z')

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const linkOrEmpty = (path: string): string => {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
