import { basename, resolve } from 'node:path'
import { git } from '../../platform/git.ts'
import { UsageError } from '../report-error.ts'

/** The repository a folder belongs to, as a manifest names it. */
export interface DetectedRepository {
  /** Top of the work tree, or the bare repository itself. */
  readonly root: string
  readonly url: string
  /** Where the address comes from, in words. */
  readonly source: string
  readonly defaultBranch: string
  /** The folder's name as a key. */
  readonly key: string
}

/**
 * Looks at the repository around a folder, without a network: its remote, or itself where it is a bare one.
 * @throws UsageError where there is none, none that merges could be pushed to, or none with a commit to begin at.
 */
export const detectRepository = async (folder: string): Promise<DetectedRepository> => {
  const asked = await ask(folder, ['rev-parse', '--is-bare-repository'])
  if (asked === null) {
    throw new UsageError(
      `${folder} is in no git repository that we may read; go into one, or make one: git init && git commit`,
    )
  }
  return asked === 'true' ? bareRepository(folder) : workTree(folder)
}

const bareRepository = async (folder: string): Promise<DetectedRepository> => {
  const root = resolve(folder, (await ask(folder, ['rev-parse', '--git-dir'])) ?? '.')
  const branch = (await headOf(root)) ?? 'main'
  await refuseEmpty(root, branch, `from a clone of it: git push ${root} HEAD:${branch}`)
  return {
    root,
    url: root,
    source: 'this bare repository',
    defaultBranch: branch,
    key: keyOf(basename(root, '.git')),
  }
}

const workTree = async (folder: string): Promise<DetectedRepository> => {
  const root = (await ask(folder, ['rev-parse', '--show-toplevel'])) ?? folder
  const remotes = ((await ask(root, ['remote'])) ?? '').split('\n').filter((name) => name !== '')
  const remote = remotes.includes('origin') ? 'origin' : remotes[0]
  const address = remote === undefined ? null : await ask(root, ['remote', 'get-url', '--', remote])
  const key = keyOf(basename(root))
  if (remote === undefined || address === null) {
    throw new UsageError(
      `the repository ${root} has no remote to push branches to; make a bare one beside it:\n` +
        `  git clone --bare ${root} ${root}.git && git remote add origin ${root}.git && git fetch origin`,
    )
  }
  if (isRemote(address)) {
    throw new UsageError(
      `the remote ${remote} (${withoutUser(address)}) is not on this machine, and this version merges in a bare repository here; make one:\n` +
        `  git clone --bare ${withoutUser(address)} ${root}.git && cd ${root}.git && oc-supervise init`,
    )
  }
  const url = resolve(root, address)
  await refuseWorkTree(url, remote)
  const branch = await defaultBranch(root, remote, url)
  await refuseEmpty(url, branch, `commit something, then: git push ${remote} HEAD:${branch}`)
  return { root, url, source: `the remote ${remote}`, defaultBranch: branch, key }
}

/** What the remote calls its head, as far as this clone knows; else the branch we are on. */
const defaultBranch = async (root: string, remote: string, url: string): Promise<string> => {
  const known = await ask(root, ['symbolic-ref', '--quiet', '--short', `refs/remotes/${remote}/HEAD`])
  if (known !== null) return known.slice(remote.length + 1)
  return (await headOf(url)) ?? (await ask(root, ['symbolic-ref', '--quiet', '--short', 'HEAD'])) ?? 'main'
}

const headOf = (gitDir: string): Promise<string | null> =>
  ask(gitDir, ['symbolic-ref', '--quiet', '--short', 'HEAD'])

/** git refuses pushes into a branch that is checked out. */
const refuseWorkTree = async (url: string, remote: string): Promise<void> => {
  if ((await ask(url, ['rev-parse', '--is-bare-repository'])) === 'true') return
  throw new UsageError(
    `the remote ${remote} (${url}) is no bare repository, so that nothing can be merged into it; make one:\n` +
      `  git clone --bare ${url} ${url}.git && git remote set-url ${remote} ${url}.git`,
  )
}

/** Every task begins at a commit of the default branch. */
const refuseEmpty = async (url: string, branch: string, remedy: string): Promise<void> => {
  const commit = `refs/heads/${branch}^{commit}`
  if ((await ask(url, ['rev-parse', '--verify', '--quiet', commit])) !== null) return
  throw new UsageError(`the repository ${url} has no commit on its branch ${branch} yet; ${remedy}`)
}

/** git's answer without its line end; null where it has none. */
const ask = async (cwd: string, args: readonly string[]): Promise<string | null> => {
  try {
    const { stdout, exitCode } = await git(args, { cwd, okExitCodes: [0, 1, 2, 128] })
    return exitCode === 0 ? stdout.replace(/\n$/, '') : null
  } catch {
    return null
  }
}

/** As git reads it: a scheme, or a colon before the first slash. */
const isRemote = (address: string): boolean =>
  /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(address) || /^[^/]+:/.test(address)

/** Nothing secret is printed. The `git@` of ssh addresses is no secret and stays. */
const withoutUser = (address: string): string => address.replace(/^(https?:\/\/)[^/@]*@/i, '$1')

/** Lower case, digits and hyphens, as manifests name things. */
const keyOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '') || 'repo'
