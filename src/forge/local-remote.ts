import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { git } from '../platform/git.ts'
import { ForgeFailure } from './forge-failure.ts'

/**
 * The folder of a local forge's remote: a bare repository on this machine.
 * @throws ForgeFailure `invalid_task` naming the remedy for anything else.
 */
export const localRemote = (repo: string, url: string): string => {
  const path = pathOf(url)
  const refuse = (why: string): never => {
    throw new ForgeFailure('invalid_task', `repos.${repo}.url: ${why}`)
  }
  if (path === null)
    return refuse('the local forge needs an absolute path or a file:// URL of a bare repository')
  if (existsSync(join(path, '.git'))) {
    return refuse(
      `${path} is a work tree; merging would move the branch under it. Make a bare one: git clone --bare ${path} ${path}.git`,
    )
  }
  if (!existsSync(join(path, 'HEAD')) || !existsSync(join(path, 'objects'))) {
    return refuse(`${path} is no git repository; make one: git init --bare ${path}`)
  }
  return path
}

/** Where branches of the remote are now; absent ones are absent. */
export const branchHeads = async (
  remote: string,
  branches: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const refs = branches.map((branch) => `refs/heads/${branch}`)
  const { stdout } = await git(['for-each-ref', '--format=%(objectname) %(refname)', ...refs], {
    gitDir: remote,
  })
  // A pattern also matches what lies below it, so only exact names count.
  return new Map(
    stdout.split('\n').flatMap((line): [string, string][] => {
      const [sha = '', ref = ''] = line.split(' ')
      return refs.includes(ref) ? [[ref.slice('refs/heads/'.length), sha]] : []
    }),
  )
}

/** True for names that git takes as a branch and nobody takes for an option. */
export const isBranchName = (name: string): boolean =>
  name.length <= 200 &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
  !/[\x00-\x20~^:?*[\\\x7f]|\.\.|@\{|^[-/@]$|^-|^\/|\/$|\/\/|(^|\/)\.|\.(\/|$)|\.lock(\/|$)/.test(name) &&
  name !== ''

const pathOf = (url: string): string | null => {
  if (isAbsolute(url)) return url
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : null
  } catch {
    return null
  }
}
