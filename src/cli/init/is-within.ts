import { isAbsolute, relative, sep } from 'node:path'
import { realPath } from '../../manifest/load-manifest.ts'

/** Whether a path lies in a folder, or is it; links are followed as far as the path exists. */
export const isWithin = (root: string, path: string): boolean => {
  const way = relative(realPath(root), realPath(path))
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}
