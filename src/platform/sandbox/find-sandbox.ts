import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { bestContainment, contain } from '../containment.ts'
import { childEnvironment } from '../environment.ts'
import { findProgram } from '../find-program.ts'

/** The sandbox of this host: the name of its profile, as records have it, or what is missing for one. */
export type SandboxFacts =
  | {
      readonly ok: true
      readonly profile: SandboxProfile
      readonly program: string
      readonly unixSockets: boolean
    }
  | { readonly ok: false; readonly missing: string; readonly remedy: string }

export type SandboxProfile = 'bubblewrap' | 'seatbelt'

let found: SandboxFacts | null = null

/** Looks once per process for what a sandbox needs, and on Linux builds both its walls around `true` to see that it can. */
export const findSandbox = (): SandboxFacts => {
  found ??= process.platform === 'darwin' ? findSeatbelt() : findBubblewrap()
  return found
}

const SEATBELT = '/usr/bin/sandbox-exec'

const findSeatbelt = (): SandboxFacts =>
  existsSync(SEATBELT)
    ? { ok: true, profile: 'seatbelt', program: SEATBELT, unixSockets: false }
    : { ok: false, missing: `${SEATBELT} is not there`, remedy: 'it is part of macOS' }

/** Program → Debian package. */
const NEEDED = {
  bwrap: 'bubblewrap',
  socat: 'socat',
  rg: 'ripgrep',
  bash: 'bash',
  setsid: 'util-linux',
} as const

const findBubblewrap = (): SandboxFacts => {
  const { PATH } = childEnvironment({})
  const missing = Object.entries(NEEDED).filter(([name]) => findProgram(name, PATH) === null)
  if (missing.length > 0) {
    return {
      ok: false,
      missing: `${missing.map(([name]) => name).join(', ')} ${missing.length === 1 ? 'is' : 'are'} not on PATH`,
      remedy: `install ${missing.map(([, debian]) => debian).join(', ')} (Debian, Ubuntu: apt-get install ${missing.map(([, debian]) => debian).join(' ')})`,
    }
  }
  const program = findProgram('bwrap', PATH) ?? 'bwrap'
  const refusal = tryWalls(program)
  if (refusal !== null) {
    return {
      ok: false,
      missing: `user namespaces cannot be nested here (${refusal})`,
      remedy:
        'allow them: sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; in a container, its seccomp profile',
    }
  }
  return { ok: true, profile: 'bubblewrap', program, unixSockets: canForbidNamespaces(program) }
}

/** Both walls as they are built in earnest, around `true`. @returns the first line of what was refused, or null. */
const tryWalls = (bwrap: string): string | null => {
  if (bestContainment() !== 'namespace') return 'unshare --user --pid is refused'
  const root = process.getuid?.() === 0 ? ['--cap-drop', 'ALL', '--cap-add', 'CAP_SETFCAP'] : []
  const wall = ['--unshare-user', '--bind', '/', '/', '--dev', '/dev']
  const outer = [bwrap, ...wall, '--bind', '/proc', '/proc', ...root]
  const inner = [bwrap, ...wall, '--unshare-pid', '--unshare-net', '--proc', '/proc', '--cap-drop', 'ALL']
  const [command = '', ...args] = contain([...outer, '--', ...inner, '--', 'true'], 'namespace')
  const tried = run(command, args)
  return tried.status === 0 ? null : (tried.stderr.trim().split('\n')[0] ?? 'no reason given').slice(0, 200)
}

/** Bubblewrap 0.8 and later, not installed setuid. Older ones leave it to a filter that forbids new unix sockets too. */
const canForbidNamespaces = (bwrap: string): boolean =>
  run(bwrap, [
    '--unshare-user',
    '--disable-userns',
    '--bind',
    '/',
    '/',
    '--proc',
    '/proc',
    '--unshare-pid',
    'true',
  ]).status === 0

const run = (command: string, args: readonly string[]) =>
  spawnSync(command, args, {
    env: childEnvironment({}),
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 5_000,
    killSignal: 'SIGKILL',
  })
