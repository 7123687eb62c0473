import { existsSync } from 'node:fs'
import { type SimpleGit, simpleGit } from 'simple-git'
import { gitEnvironment, HARDENED_GIT_CONFIG } from './git.ts'

/** What display code may ask a repository; nothing here writes. */
export type RepositoryQueries = Pick<SimpleGit, 'log' | 'revparse' | 'status'>

/**
 * Opens a repository for reading through simple-git, under the same environment as git.ts and its `core` settings.
 * simple-git guards against settings and variables that can start programs; those we lift below are the ones we set
 * ourselves, to switch exactly that off.
 * @throws Error when `dir` is not a folder.
 */
export const openRepository = (dir: string): RepositoryQueries => {
  if (!existsSync(dir)) throw new Error(`openRepository: ${dir} does not exist`)
  const env = gitEnvironment()
  return simpleGit({
    baseDir: dir,
    config: HARDENED_GIT_CONFIG.filter((setting) => setting.startsWith('core.')),
    allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
    unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeConfigPaths: true },
  }).env(env)
}
