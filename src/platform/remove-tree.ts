import { chmodSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomHex } from './random.ts'

const WHOLE = { recursive: true, force: true, maxRetries: 3 }

/**
 * Removes a folder with everything in it, whatever a program left there: read-only folders (module caches are), folders
 * nested deeper than a path can say. Absent is fine. Links are removed, never followed.
 */
export const removeTree = async (path: string): Promise<void> => {
  try {
    await rm(path, WHOLE)
  } catch {
    makeRemovable(path)
    await rm(path, WHOLE)
  }
}

/** `removeTree` at once, for what is small as a rule. */
export const removeTreeSync = (path: string): void => {
  try {
    rmSync(path, WHOLE)
  } catch {
    makeRemovable(path)
    rmSync(path, WHOLE)
  }
}

/** In bytes; with one more name a path is still shorter than any system's limit (1,024 on macOS). */
const LONG_PATH = 700

/** Paths are bytes: a name that is no UTF-8 is found again by nothing else. */
const makeRemovable = (root: string): void => {
  if (lstatSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return
  const folders: Buffer[] = [Buffer.from(root)]
  for (let dir = folders.pop(); dir !== undefined; dir = folders.pop()) {
    chmodSync(dir, 0o700)
    for (const entry of readdirSync(dir, { withFileTypes: true, encoding: 'buffer' })) {
      if (!entry.isDirectory()) continue
      const path = Buffer.concat([dir, SLASH, entry.name])
      const isDeep = path.length > Math.max(LONG_PATH, Buffer.byteLength(root) + 2 * NAME_BYTES)
      folders.push(isDeep ? moveUp(path, root) : path)
    }
  }
}

const SLASH = Buffer.from('/')

/** The longest name a folder may have. */
const NAME_BYTES = 255

const moveUp = (path: Buffer, root: string): Buffer => {
  const to = Buffer.from(join(root, `.deep-${randomHex(8)}`))
  chmodSync(path, 0o700)
  renameSync(path, to)
  return to
}
