import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { writeTextAtomic } from './atomic-file.ts'
import { folderInside } from './folder-inside.ts'
import { removeTreeSync } from './remove-tree.ts'

/**
 * Writes a file below a folder that somebody else has written before, and never elsewhere (see folder-inside.ts).
 * @param path relative, of our own making: its parts are names, never `..`.
 */
export const writeInside = (folder: string, path: string, text: string): void => {
  const parts = path.split('/')
  const name = parts.pop() ?? ''
  const file = join(folderInside(folder, parts), name)
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found !== undefined && !found.isFile()) removeTreeSync(file)
  writeTextAtomic(file, text)
}
