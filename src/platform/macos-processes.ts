import { execFileSync } from 'node:child_process'
import type { ProcessEntry, ProcessTable } from './process-table.ts'

/**
 * Parses one line of `ps -o pid=,ppid=,pgid=,stat=,lstart=` as printed with LC_ALL=C and TZ=UTC, for example
 * `  501     1   501 Ss   Thu Nov 20 10:20:30 2025`. Null where it is not such a line.
 */
export const parsePsLine = (line: string): ProcessEntry | null => {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S)\S*\s+(\S.*\S)\s*$/.exec(line)
  if (match === null) return null
  const [, pid, ppid, pgrp, state, started] = match
  const startedMs = Date.parse(`${started} UTC`)
  if (state === undefined || !Number.isFinite(startedMs)) return null
  return {
    pid: Number(pid),
    ppid: Number(ppid),
    pgrp: Number(pgrp),
    session: null,
    state,
    startTicks: startedMs / 1000,
  }
}

/** `ps` and `sysctl` as our process table. Start times have whole seconds only; see docs/platforms.md. */
export const macosProcesses: ProcessTable = {
  bootId: () => {
    if (process.platform !== 'darwin') {
      throw new Error(
        `processes: ${process.platform} is not supported; run oc-supervise on Linux or macOS (on Windows, in WSL2)`,
      )
    }
    return run('sysctl', ['-n', 'kern.bootsessionuuid']).trim()
  },
  read: (pid) => {
    try {
      const line = run('ps', ['-o', COLUMNS, '-p', String(pid)])
      const entry = parsePsLine(line)
      return entry === null && line.trim() !== '' ? { error: `ps -p ${pid} printed '${line}'` } : { entry }
    } catch (error) {
      // `ps` exits 1 when there is no such process.
      return (error as { status?: number }).status === 1
        ? { entry: null }
        : { error: `ps -p ${pid}: ${(error as Error).message}` }
    }
  },
  list: () =>
    run('ps', ['-A', '-o', COLUMNS])
      .split('\n')
      .flatMap((line) => parsePsLine(line) ?? []),
  marks: (pids) => {
    // What `ps` shows without a mark may be a process that becomes another program just now.
    const marks = new Map(pids.map((pid) => [pid, '']))
    for (const line of run('ps', ['-A', '-E', '-ww', '-o', 'pid=,command=']).split('\n')) {
      const match = /^\s*(\d+)\s.*\sOC_SUPERVISE_MARK=(\S+)/.exec(line)
      if (match?.[2] !== undefined && marks.has(Number(match[1]))) marks.set(Number(match[1]), match[2])
    }
    return marks
  },
}

const COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart='

const run = (command: string, args: string[]): string =>
  execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' },
    maxBuffer: 64 * 1024 * 1024,
  })
