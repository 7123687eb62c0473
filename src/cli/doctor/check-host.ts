import { bestContainment } from '../../platform/containment.ts'
import { git } from '../../platform/git.ts'
import { findSandbox, type SandboxFacts } from '../../platform/sandbox/find-sandbox.ts'
import { findProgram } from '../look/find-program.ts'
import { attention, type Check, note, ok } from './check.ts'

/** From this version on `git merge-tree --write-tree` tries a merge without a work tree. */
const GIT_AT_LEAST = [2, 38] as const
const NODE_AT_LEAST = [24, 0] as const

/** What the host must offer, whatever is run on it. */
export const checkHost = async (): Promise<Check[]> => [
  checkNode(process.versions.node),
  checkGit(await gitVersion()),
  checkContainment(),
  checkSandbox(findSandbox()),
  checkSshKeygen(process.env.PATH ?? ''),
]

/** @param version as `process.versions.node` */
export const checkNode = (version: string): Check =>
  isAtLeast(version, NODE_AT_LEAST)
    ? ok('node', version)
    : attention(
        'node',
        `${version}; Node 24 or newer is needed`,
        'install Node 24: https://nodejs.org/download',
      )

/** @param said what `git --version` printed; null where git did not run */
export const checkGit = (said: string | null): Check => {
  const version = /\d+\.\d+(\.\d+)?/.exec(said ?? '')?.[0]
  if (version === undefined) return attention('git', 'git does not run', 'install git 2.38 or newer')
  return isAtLeast(version, GIT_AT_LEAST)
    ? ok('git', version)
    : attention('git', `${version} cannot try merges without a work tree`, 'install git 2.38 or newer')
}

const gitVersion = async (): Promise<string | null> => {
  try {
    return (await git(['--version'], {})).stdout
  } catch {
    return null
  }
}

const checkContainment = (): Check =>
  bestContainment() === 'namespace'
    ? ok('containment', 'namespace: what an agent starts ends with it')
    : note(
        'containment',
        'swept: this host allows no user and PID namespaces; what an agent starts is ended by group, mark and descent, best effort',
        process.platform === 'linux'
          ? 'install util-linux (unshare) and allow unprivileged user namespaces'
          : null,
      )

/** Only a note: a manifest that wants a sandbox is refused without one, and one that does not is fine. */
export const checkSandbox = (facts: SandboxFacts): Check =>
  facts.ok
    ? ok('sandbox', `${facts.profile}: agents, setup and checks can be kept from what is yours`)
    : note('sandbox', `cannot be had: ${facts.missing}; manifests must say sandbox: off`, facts.remedy)

/** @param path the PATH that is looked through */
export const checkSshKeygen = (path: string): Check => {
  const found = findProgram('ssh-keygen', path)
  return found === null
    ? note(
        'ssh-keygen',
        'not found: only unencrypted Ed25519 keys can sign gates',
        'install OpenSSH for keys with a passphrase, in an agent or in hardware',
      )
    : ok('ssh-keygen', found)
}

const isAtLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [foundMajor = 0, foundMinor = 0] = version.split('.').map(Number)
  return foundMajor > major || (foundMajor === major && foundMinor >= minor)
}
