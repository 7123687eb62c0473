import { spawnSync } from 'node:child_process'
import type { ContainmentLevel } from '../contracts/agent-run.ts'
import { childEnvironment } from './environment.ts'

/**
 * `sh` stays the first process of the namespace: the kernel shields that process from signals it has no handler for,
 * so the group's TERM reaches the program and not its container. When `sh` ends, the kernel kills all that is left.
 */
const NAMESPACE = [
  'unshare',
  '--user',
  '--map-current-user',
  '--pid',
  '--fork',
  '--kill-child=KILL',
  '--mount-proc',
  '--',
  'sh',
  '-c',
  '"$@"; exit $?',
  'sh',
]

/** The argv that runs `argv` at this level; its exit code is passed on. At `swept` that is `argv` itself. */
export const contain = (argv: readonly string[], level: ContainmentLevel): string[] =>
  level === 'namespace' ? [...NAMESPACE, ...argv] : [...argv]

let probed: ContainmentLevel | null = null

/** The strongest level this host allows us; tried once per process with a real namespace. */
export const bestContainment = (): ContainmentLevel => {
  probed ??= probe()
  return probed
}

const probe = (): ContainmentLevel => {
  const [command, ...args] = contain(['true'], 'namespace')
  const tried = spawnSync(command ?? '', args, {
    stdio: 'ignore',
    env: childEnvironment({}),
    timeout: 5_000,
    killSignal: 'SIGKILL',
  })
  return tried.status === 0 ? 'namespace' : 'swept'
}
