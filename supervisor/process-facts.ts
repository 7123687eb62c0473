import { readdirSync, readFileSync } from 'node:fs'

/** Whether a process whose first thread is dead has other threads that live on; false where the system does not tell. */
export const hasOtherThreads = (pid: number): boolean => {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1
  } catch {
    return false
  }
}

/** What /proc says of where a process is right now; every part may be missing. */
export interface ProcessWhereabouts {
  /** One letter of proc(5): R running, S asleep, D in the kernel, T stopped, Z exited. */
  readonly state: string | null
  /** The kernel function it sleeps in. */
  readonly wchan: string | null
  /** The kernel's stack; only readable with privileges. */
  readonly stack: string | null
  readonly threads: number | null
  readonly rssKiB: number | null
}

/** Reads the whereabouts of a process; reads nothing else and changes nothing. */
export const whereaboutsOf = (pid: number): ProcessWhereabouts => {
  const status = readOrNull(`/proc/${pid}/status`)
  return {
    state: /^State:\s+(\S)/m.exec(status ?? '')?.[1] ?? null,
    wchan: blankToNull(readOrNull(`/proc/${pid}/wchan`)),
    stack: blankToNull(readOrNull(`/proc/${pid}/stack`)),
    threads: numberOrNull(/^Threads:\s+(\d+)/m.exec(status ?? '')?.[1]),
    rssKiB: numberOrNull(/^VmRSS:\s+(\d+)/m.exec(status ?? '')?.[1]),
  }
}

const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

const blankToNull = (text: string | null): string | null =>
  text === null || text === '' || text === '0' ? null : text

const numberOrNull = (digits: string | undefined): number | null =>
  digits === undefined ? null : Number(digits)
