import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
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
      return isOurs && isAlive(Number(name)) ? [{ pid: Number(name), command }] : []
    })

/** Kills all of them, by pid; says how many there were. */
export const killAll = (project: ChaosProject): number => {
  const living = processesOf(project)
  for (const { pid } of living) killOne(pid, 'SIGKILL')
  return living.length
}

/** Ends whatever is left of a project and removes its folder. */
export const discard = (project: ChaosProject): void => {
  killAll(project)
  rmSync(project.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
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

const isAlive = (pid: number): boolean => !['Z', 'X', null].includes(stateOf(pid))

/** The one letter the system has for its state; null where there is no such process. */
export const stateOf = (pid: number): string | null =>
  /^\d+ \(.*\) (\S) /s.exec(readOrEmpty(`/proc/${pid}/stat`))?.[1] ?? null

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
