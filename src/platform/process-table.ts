import { linuxProcesses } from './linux-processes.ts'
import { macosProcesses } from './macos-processes.ts'

/** One row of the operating system's process table. */
export interface ProcessEntry {
  readonly pid: number
  readonly ppid: number
  readonly pgrp: number
  /** The session id; null where the system does not tell. */
  readonly session: number | null
  /** One letter: R S D I running or sleeping, T t stopped, Z X dead. */
  readonly state: string
  readonly startTicks: number
}

/** What the operating system tells of its processes; one implementation per platform. */
export interface ProcessTable {
  /** Names this boot of the host. */
  bootId(): string
  /** One process: its row, null if there is none, or why the system did not answer. */
  read(pid: number): { entry: ProcessEntry | null } | { error: string }
  /** All processes we may see. */
  list(): ProcessEntry[]
  /**
   * The value of OC_SUPERVISE_MARK in the environment each of these processes was started with. Empty where the
   * environment does not show just now, as while a process becomes another program.
   */
  marks(pids: readonly number[]): Map<number, string>
}

/** The process table of the platform we run on. */
export const processTable: ProcessTable = process.platform === 'linux' ? linuxProcesses : macosProcesses
