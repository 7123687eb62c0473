import { copyFileSync, existsSync, lstatSync, utimesSync } from 'node:fs'

/**
 * Copies a git index with its time. git tells by an index's own time which entries it must look at again: a file that
 * was changed within the second it was checked out, to the same size, is seen only where the index is not younger.
 */
export const copyIndex = (from: string, to: string): void => {
  if (!existsSync(from)) return
  copyFileSync(from, to)
  const { atimeMs, mtimeMs } = lstatSync(from)
  utimesSync(to, atimeMs / 1000, Math.floor(mtimeMs) / 1000)
}
