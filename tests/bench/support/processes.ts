import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Resident memory in MB; NaN for a process that is not there. */
export const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, 'status'))?.[1] ?? Number.NaN) / 1024

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor time of a process so far, user and system, in seconds. NaN for a process that is not there. */
export const cpuSeconds = (pid: number): number => {
  const stat = readProc(pid, 'stat')
  // The name in parentheses may hold anything; field 3 is the first behind it, so utime and stime (14, 15) are 11 and 12.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) / TICKS_PER_SECOND
}

export const isAlive = (pid: number): boolean => {
  const stat = readProc(pid, 'stat')
  return stat !== '' && !/^[ZX]$/.test(stat.charAt(stat.lastIndexOf(')') + 2))
}

/** The variables a process was started with. */
export const environmentOf = (pid: number): ReadonlyMap<string, string> =>
  new Map(
    readProc(pid, 'environ')
      .split('\0')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )

/**
 * Living processes that name a folder in their arguments, environment or working folder. The folders of a bench are
 * fresh and carry a random name, so these are ours.
 */
export const processesOf = (dir: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid))
    .filter((pid) => `${readProc(pid, 'cmdline')}\0${readProc(pid, 'environ')}\0${cwdOf(pid)}`.includes(dir))

const cwdOf = (pid: number): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

const readProc = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}
