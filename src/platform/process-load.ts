import { readFileSync } from 'node:fs'
import { processTable } from './process-table.ts'

/** What a process and those it started take together. */
interface ProcessLoad {
  readonly processes: number
  readonly memoryBytes: number
}

/**
 * The load of a program: the group and all descendants of its first process. Memory that several of them share counts
 * several times, so the sum is never too small; 0 where the system has no /proc, and that ceiling does not bite there.
 */
export const processLoad = (leader: number): ProcessLoad => {
  const entries = processTable.list()
  const members = new Set(
    entries.filter(({ pid, pgrp }) => pid === leader || pgrp === leader).map(({ pid }) => pid),
  )
  // A child may stand before its parent in the list, so we go round until nobody new is found.
  for (let before = -1; before !== members.size; ) {
    before = members.size
    for (const { pid, ppid } of entries) if (members.has(ppid)) members.add(pid)
  }
  return {
    processes: members.size,
    memoryBytes: [...members].reduce((sum, pid) => sum + residentBytes(pid), 0),
  }
}

const residentBytes = (pid: number): number => {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readOrEmpty(`/proc/${pid}/status`))
  return match === null ? 0 : Number(match[1]) * 1024
}

/** How many processes the kernel has killed for want of memory since boot; 0 where it does not say. */
export const kernelOomKills = (): number => {
  const match = /^oom_kill (\d+)$/m.exec(readOrEmpty('/proc/vmstat'))
  return match === null ? 0 : Number(match[1])
}

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
