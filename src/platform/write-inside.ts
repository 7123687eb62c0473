import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeTextAtomic } from './atomic-file.ts'

/**
 * Writes a file below a folder that somebody else has written before: whatever stands in the way and is no folder of its
 * own (a symlink that would lead us elsewhere) is removed first.
 * @param path relative, of our own making: its parts are names, never `..`.
 */
export const writeInside = (folder: string, path: string, text: string): void => {
  const parts = path.split('/')
  const name = parts.pop() ?? ''
  let dir = folder
  for (const part of parts) {
    dir = join(dir, part)
    const found = lstatSync(dir, { throwIfNoEntry: false })
    if (found?.isDirectory() === true) continue
    if (found !== undefined) rmSync(dir, { force: true })
    mkdirSync(dir, { mode: 0o700 })
  }
  const file = join(dir, name)
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found !== undefined && !found.isFile()) rmSync(file, { recursive: true })
  writeTextAtomic(file, text)
}
