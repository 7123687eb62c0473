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
  const fields = fieldsOf(line)
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

/** What stands behind the name and its blank, as far as we need it: hundreds of lines are read every few seconds. */
const fieldsOf = (line: string): string[] => line.slice(line.lastIndexOf(')') + 2).split(' ', 20)

/** PF_KTHREAD of the kernel's sched.h, in field 9: nobody started such a thread, and nobody can end it. */
const KERNEL_THREAD = 0x200000

const isKernelThread = (line: string): boolean => (Number(fieldsOf(line)[6]) & KERNEL_THREAD) !== 0

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
      const line = statOf(pid)
      const entry = line === null || isKernelThread(line) ? null : parseStat(line)
      return entry === null ? [] : [entry]
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

const statOf = (pid: number): string | null => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
}

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const markOf = (pid: number): string | null => {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
    if (environment === '') return ''
    if (!environment.includes(MARK)) return null
    const found = environment.split('\0').find((entry) => entry.startsWith(MARK))
    return found === undefined ? null : found.slice(MARK.length)
  } catch {
    // Gone, or another user's: not ours in either case.
    return null
  }
}
