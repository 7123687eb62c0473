import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'

/**
 * Where a program is: an absolute path stays what it is, a name is looked up on PATH as `exec` would.
 * @returns its absolute path, or null where no file of that name may be executed.
 */
export const findProgram = (name: string, path: string = process.env.PATH ?? ''): string | null => {
  if (name.includes('/')) return isAbsolute(name) && isExecutable(name) ? name : null
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue
    const candidate = resolve(join(folder, name))
    if (isExecutable(candidate)) return candidate
  }
  return null
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
