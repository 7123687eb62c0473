import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { KeeperSpec } from '../../src/contracts/keeper.ts'
import { contain } from '../../src/platform/containment.ts'
import { type KeeperFiles, SECRET_PREFIX } from './keeper-files.ts'

/**
 * The agent writes who it is before its first instruction, then becomes the agent (same form as every other
 * registration: src/platform/spawn-registered.ts). So whoever comes after a killed keeper can end it.
 */
const REGISTER_AND_BECOME = `
{ read -r self </proc/$$/stat; } 2>/dev/null || self=$$
printf '%s\\n' "$self" >"$1" || exit 125
shift
exec "$@"
`

/** What `sh` exits with when it could not write the identity. */
export const UNREGISTERED_EXIT = 125

/** The agent as its keeper holds it. */
export interface SpawnedAgent {
  readonly child: ChildProcess
  /** Open for looking at their sizes; the agent holds its own. */
  readonly outputs: readonly number[]
  /** Its standard output, open for reading from any place. */
  readonly stdout: number
  readonly identityFile: string
}

/**
 * Starts the agent in a session and group of its own, inside its containment, with its output going straight to files.
 * @throws Error of node:fs when one of its files cannot be opened.
 */
export const spawnAgent = (spec: KeeperSpec, files: KeeperFiles): SpawnedAgent => {
  const { wrapper, argv, cwd, env, stdinFile } = spec.agent
  const stdin = stdinFile === null ? 'ignore' : openSync(stdinFile, 'r')
  const outputs = [openSync(files.stdout, 'a', 0o600), openSync(files.stderr, 'a', 0o600)] as const
  const contained = contain([...wrapper, ...argv], spec.containment.level)
  const child = spawn('/bin/sh', ['-c', REGISTER_AND_BECOME, 'sh', files.agentIdentity, ...contained], {
    cwd,
    env: { ...env, ...secretsOf(process.env), OC_SUPERVISE_MARK: spec.mark },
    detached: true,
    stdio: [stdin, ...outputs],
  })
  if (stdin !== 'ignore') closeSync(stdin)
  return { child, outputs, stdout: openSync(files.stdout, 'r'), identityFile: files.agentIdentity }
}

const secretsOf = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith(SECRET_PREFIX) && value !== undefined
        ? [[name.slice(SECRET_PREFIX.length), value]]
        : [],
    ),
  )
