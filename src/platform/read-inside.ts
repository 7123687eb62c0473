import { chmodSync, closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { removeTreeSync } from './remove-tree.ts'

/**
 * Reads a file below a folder that somebody else has written: only a regular one with no other name, reached through
 * folders alone, so that no link leads us to a file of ours; never waits, whatever it is.
 * @param path relative, of our own making: its parts are names, never `..`.
 * @returns its bytes; null where there is no such file, or it is larger than `mostBytes`.
 */
export const readInside = (folder: string, path: string, mostBytes: number): Buffer | null => {
  if (!isReached(folder, path)) return null
  let file: number
  try {
    file = openSync(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return null
  }
  try {
    const facts = fstatSync(file)
    if (!facts.isFile() || facts.nlink !== 1 || facts.size > mostBytes) return null
    const bytes = Buffer.alloc(facts.size)
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(file)
  }
}

/** Removes what has that name below such a folder, whatever it is; what lies behind a link stays. */
export const removeInside = (folder: string, path: string): void => {
  if (isReached(folder, path)) removeTreeSync(join(folder, path))
}

/** Whether every part on the way is a folder of its own; one that is closed to us is opened. */
const isReached = (folder: string, path: string): boolean => {
  const parts = path.split('/').slice(0, -1)
  return [...parts.keys(), parts.length].every((depth) => {
    const dir = join(folder, ...parts.slice(0, depth))
    const found = lstatSync(dir, { throwIfNoEntry: false })
    if (found?.isDirectory() !== true) return false
    if ((found.mode & OURS) !== OURS) chmodSync(dir, OURS)
    return true
  })
}

const OURS = 0o700
