import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Removes the locks that a killed git left on refs below `prefix` in a repository of ours. Only for refs that nobody but
 * the holder of one attempt writes: whoever else still has one of these locks belongs to an earlier life and writes the
 * same.
 */
export const removeRefLocks = (gitDir: string, prefix: string): void => {
  const dir = join(gitDir, prefix)
  if (!existsSync(dir)) return
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.lock')) rmSync(join(dir, name), { force: true })
}
