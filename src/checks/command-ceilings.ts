import { sampledFolderGrowth } from '../platform/folder-growth.ts'
import { processLoad } from '../platform/process-load.ts'

/** What one command may take with all it starts; null: no limit. */
export interface CommandCeilings {
  readonly memoryBytes: number | null
  readonly processes: number | null
  /** How much the folders it can write may grow. */
  readonly diskBytes: number | null
}

/**
 * Looks at a command from time to time, so what it takes between two looks is found too late: the sentence says how far
 * over the ceiling it was.
 * @param folders what it can write
 */
export const ceilingOf = (
  { memoryBytes, processes, diskBytes }: CommandCeilings,
  folders: readonly string[],
): ((leader: number, nowMs: number) => string | null) => {
  const grown = diskBytes === null ? () => 0 : sampledFolderGrowth(folders)
  return (leader, nowMs) => {
    const load = memoryBytes === null && processes === null ? NO_LOAD : processLoad(leader)
    const rows = [
      over('max_memory', load.memoryBytes, memoryBytes, mebibytes),
      over('max_processes', load.processes, processes, String),
      over('max_disk', grown(nowMs), diskBytes, mebibytes),
    ]
    return rows.find((row) => row !== null) ?? null
  }
}

const NO_LOAD = { processes: 0, memoryBytes: 0 }

const over = (
  key: string,
  used: number,
  limit: number | null,
  show: (amount: number) => string,
): string | null =>
  limit === null || used <= limit
    ? null
    : `limits.${key} is ${show(limit)}, and it had ${excess(used, limit, show)}`

/** Infinite: there was more of it than can be looked at. */
const excess = (used: number, limit: number, show: (amount: number) => string): string =>
  Number.isFinite(used)
    ? `${show(used)}, ${Math.round((100 * (used - limit)) / limit)} % more`
    : 'more files than can be looked at'

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
