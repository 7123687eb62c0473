import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The folder at `parts` below one that somebody else has written before, made where it is not there: whatever stands in
 * the way and is no folder of its own (a symlink that would lead us elsewhere) is removed, and each is ours to write in.
 * @param parts names of our own making, never `..`
 */
export const folderInside = (folder: string, parts: readonly string[]): string => {
  let dir = folder
  makeWritable(dir)
  for (const part of parts) {
    dir = join(dir, part)
    if (makeWritable(dir)) continue
    rmSync(dir, { force: true })
    mkdirSync(dir, { mode: 0o700 })
  }
  return dir
}

/** @returns false where there is no folder */
const makeWritable = (path: string): boolean => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory() !== true) return false
  if ((found.mode & 0o700) !== 0o700) chmodSync(path, (found.mode & 0o777) | 0o700)
  return true
}
