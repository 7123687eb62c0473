import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Entries looked at; what has more is large enough to be told by what was seen. */
const MOST_ENTRIES = 200_000

/** Looking at every file is dear: no more often than this, in ms, and so overshot by what is written meanwhile. */
const EVERY_MS = 5_000

/** How much folders have grown since now, in bytes, as far as it has been looked at. */
export const folderGrowth = (folders: readonly string[]): ((nowMs: number) => number) => {
  const before = folderBytes(folders)
  let last = { atMs: 0, grown: 0 }
  return (nowMs) => {
    if (nowMs - last.atMs >= EVERY_MS) last = { atMs: nowMs, grown: folderBytes(folders) - before }
    return last.grown
  }
}

/** Bytes that folders take on disk, links not followed; what vanishes meanwhile counts nothing. */
const folderBytes = (folders: readonly string[]): number => {
  const open = [...folders]
  let bytes = 0
  let seen = 0
  for (let dir = open.pop(); dir !== undefined && seen < MOST_ENTRIES; dir = open.pop()) {
    for (const entry of entriesOf(dir)) {
      seen += 1
      const path = join(dir, entry.name)
      if (entry.isDirectory()) open.push(path)
      else bytes += sizeOf(path)
    }
  }
  return bytes
}

const entriesOf = (dir: string) => {
  try {
    return readdirSync(dir, { withFileTypes: true })
  } catch {
    return []
  }
}

const sizeOf = (path: string): number => {
  try {
    return lstatSync(path).blocks * 512
  } catch {
    return 0
  }
}
