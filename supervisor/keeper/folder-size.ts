import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Entries looked at; what has more is large enough to be told by what was seen. */
const MOST_ENTRIES = 200_000

/** Bytes that folders take on disk, links not followed; what vanishes meanwhile counts nothing. */
export const folderBytes = (folders: readonly string[]): number => {
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
