import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder that a person named, and those above it, one by one: Node's own `mkdir` with `recursive` never returns
 * from a file system such as /proc, where a folder that is not there cannot be made.
 * @throws Error of node:fs naming the first that cannot be made.
 */
export const makeFolders = (folder: string, mode = 0o777): void => {
  if (existsSync(folder)) return
  makeFolders(dirname(folder), mode)
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!existsSync(folder)) throw error
  }
}
