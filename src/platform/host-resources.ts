import { readFileSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'

/** What is free on this host now, in bytes. */
export interface HostResources {
  /** Memory a new process can have without swapping (Linux: MemAvailable). */
  readonly freeMemoryBytes: number
  /** Disk space that we may use in the file system of a path. */
  readonly freeDiskBytes: number
}

/** Reads what is free; `path` names the file system. */
export const readHostResources = (path: string): HostResources => {
  const disk = statfsSync(path)
  return { freeMemoryBytes: availableMemory(), freeDiskBytes: disk.bavail * disk.bsize }
}

const availableMemory = (): number => {
  try {
    const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))
    return match?.[1] === undefined ? freemem() : Number(match[1]) * 1024
  } catch {
    return freemem()
  }
}
