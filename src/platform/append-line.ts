import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from './atomic-file.ts'

/**
 * Appends one line to a file of one writer. A line torn by an earlier crash is ended first, so that it cannot swallow ours.
 * Not fsynced: the line survives our own end at once, and a crash of the host a little later (see sync-behind.ts).
 * @throws Error when `line` holds a line break; Error of node:fs where the disk refuses it, and then nothing of it is there.
 */
export const appendLine = (path: string, line: string): void => {
  if (/[\r\n]/.test(line)) throw new Error(`appendLine: a line for ${path} holds a line break`)
  const file = openSync(path, 'a+', 0o600)
  try {
    const { size } = fstatSync(file)
    writeWhole(file, Buffer.from(`${isTorn(file, size) ? '\n' : ''}${line}\n`), size)
    if (size === 0) syncFolder(dirname(path))
  } finally {
    closeSync(file)
  }
}

/**
 * A disk that is full takes what it has room for, and says so only at the next write: what it took is cut off again, so
 * that no line stands there twice when its writer tries anew.
 */
const writeWhole = (file: number, bytes: Buffer, sizeBefore: number): void => {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
  } catch (error) {
    try {
      ftruncateSync(file, sizeBefore)
    } catch {
      // What stays is a torn line, as after a crash.
    }
    throw error
  }
}

const isTorn = (file: number, size: number): boolean => {
  if (size === 0) return false
  const last = Buffer.alloc(1)
  readSync(file, last, 0, 1, size - 1)
  return last[0] !== 0x0a
}
