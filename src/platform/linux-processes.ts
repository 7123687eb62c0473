import { readdirSync, readFileSync } from 'node:fs'
import type { ProcessEntry, ProcessTable } from './process-table.ts'

const MARK = 'OC_SUPERVISE_MARK='

/**
 * Parses one line of /proc/PID/stat (proc(5)). The command name may hold spaces and parentheses, so everything is
 * counted from the last `)`. Null where the line is not whole.
 */
export const parseStat = (line: string): ProcessEntry | null => {
  const open = line.indexOf('(')
  const close = line.lastIndexOf(')')
  if (open < 1 || close < open) return null
  const fields = line
    .slice(close + 1)
    .trim()
    .split(' ')
  // Field 3 (state) is the first after the name, so field 22 (start time) is at 19.
  const [state, ppid, pgrp, session] = fields
  const startTicks = fields[19]
  if (state === undefined || startTicks === undefined) return null
  const entry = {
    pid: Number(line.slice(0, open)),
    ppid: Number(ppid),
    pgrp: Number(pgrp),
    session: Number(session),
    state,
    startTicks: Number(startTicks),
  }
  return Number.isSafeInteger(entry.pid) && Number.isSafeInteger(entry.startTicks) ? entry : null
}

/** /proc as our process table. */
export const linuxProcesses: ProcessTable = {
  bootId: () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  read: (pid) => {
    try {
      const entry = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
      return entry === null ? { error: `/proc/${pid}/stat is not readable as proc(5) says` } : { entry }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      // ESRCH: the process went away between open and read.
      return code === 'ENOENT' || code === 'ESRCH' ? { entry: null } : { error: `/proc/${pid}/stat: ${code}` }
    }
  },
  list: () =>
    pids().flatMap((pid) => {
      const found = linuxProcesses.read(pid)
      return 'entry' in found && found.entry !== null ? [found.entry] : []
    }),
  marks: (pids) => {
    const marks = new Map<number, string>()
    for (const pid of pids) {
      const mark = markOf(pid)
      if (mark !== null) marks.set(pid, mark)
    }
    return marks
  },
}

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const markOf = (pid: number): string | null => {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
    if (!environment.includes(MARK)) return null
    const found = environment.split('\0').find((entry) => entry.startsWith(MARK))
    return found === undefined ? null : found.slice(MARK.length)
  } catch {
    // Gone, or another user's: not ours in either case.
    return null
  }
}
