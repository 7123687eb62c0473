import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderInside } from './folder-inside.ts'
import { randomHex } from './random.ts'
import { removeTreeSync } from './remove-tree.ts'

/**
 * Writes a file below a folder that somebody else has written before, whole or not at all, and never elsewhere (see
 * folder-inside.ts). Mode 0600.
 * @param path relative, of our own making: its parts are names, never `..`.
 */
export const writeInside = (folder: string, path: string, text: string): void => {
  const parts = path.split('/')
  const name = parts.pop() ?? ''
  const dir = folderInside(folder, parts)
  const file = join(dir, name)
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found !== undefined && !found.isFile()) removeTreeSync(file)
  // Where a name can be guessed a link may wait under it: so it cannot, and must not be there.
  const unfinished = join(dir, `.${randomHex(8)}.tmp`)
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(unfinished, file)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
}
