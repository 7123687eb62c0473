import { lstatSync, readdirSync } from 'node:fs'

/** Files and folders that may be added: who adds more is not looked at any further. */
const MOST_ADDED = 200_000

/**
 * How many bytes folders take on disk beyond what they take now, links not followed; what vanishes meanwhile counts
 * nothing. Infinite where there are more entries than can be looked at.
 */
export const folderGrowth = (folders: readonly string[], mostAdded = MOST_ADDED): (() => number) => {
  const before = sizeOf(folders, Number.POSITIVE_INFINITY) ?? { bytes: 0, entries: 0 }
  return () => {
    const now = sizeOf(folders, before.entries + mostAdded)
    return now === null ? Number.POSITIVE_INFINITY : now.bytes - before.bytes
  }
}

/** Looking at every file is dear: no more often than this, in ms, and so overshot by what is written meanwhile. */
const EVERY_MS = 5_000

/** The same, looked at from time to time: how much folders have grown as far as is known at `nowMs`. */
export const sampledFolderGrowth = (folders: readonly string[]): ((nowMs: number) => number) => {
  const grown = folderGrowth(folders)
  let last = { atMs: 0, grown: 0 }
  return (nowMs) => {
    if (nowMs - last.atMs >= EVERY_MS) last = { atMs: nowMs, grown: grown() }
    return last.grown
  }
}

/** Null where there are more than `mostEntries`. Paths are bytes, one a character: what has a name that is no UTF-8 counts too. */
const sizeOf = (folders: readonly string[], mostEntries: number) => {
  const open = folders.map((folder) => Buffer.from(folder).toString('latin1'))
  let bytes = 0
  let entries = 0
  for (let dir = open.pop(); dir !== undefined; dir = open.pop()) {
    for (const entry of entriesOf(dir)) {
      entries += 1
      if (entries > mostEntries) return null
      const path = `${dir}/${entry.name}`
      if (entry.isDirectory()) open.push(path)
      else bytes += bytesOf(path)
    }
  }
  return { bytes, entries }
}

const entriesOf = (dir: string) => {
  try {
    return readdirSync(Buffer.from(dir, 'latin1'), { withFileTypes: true, encoding: 'latin1' })
  } catch {
    return []
  }
}

const bytesOf = (path: string): number => {
  try {
    return lstatSync(Buffer.from(path, 'latin1')).blocks * 512
  } catch {
    return 0
  }
}
