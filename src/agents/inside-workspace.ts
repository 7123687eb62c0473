import { lstatSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/**
 * Resolves a relative path inside a workspace, following what is really on disk: a symlink that leads out is
 * refused wherever it stands in the path, at its end too, and so is everything under `.git`.
 * @returns the absolute path, or null where the path is not safely inside.
 */
export const insideWorkspace = (workspace: string, path: string): string | null => {
  if (isAbsolute(path) || path.includes('\0')) return null
  const root = realpathSync(workspace)
  const wanted = resolve(root, path)
  if (!isUnder(root, wanted) || isGit(root, wanted)) return null
  const real = realTarget(wanted)
  return real !== null && isUnder(root, real) && !isGit(root, real) ? real : null
}

const isUnder = (root: string, path: string): boolean => path.startsWith(root + sep)

const isGit = (root: string, path: string): boolean =>
  relative(root, path)
    .split(sep)
    .some((part) => part.toLowerCase() === '.git')

/** Where a path leads: symlinks of its longest existing part resolved. Null for a dangling symlink. */
const realTarget = (path: string): string | null => {
  if (existsItself(path)) {
    try {
      return realpathSync(path)
    } catch {
      return null
    }
  }
  const parent = realTarget(dirname(path))
  return parent === null ? null : join(parent, path.slice(dirname(path).length + 1))
}

/** True for a dangling symlink too, unlike existsSync. */
const existsItself = (path: string): boolean => {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}
