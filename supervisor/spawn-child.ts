import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { ChildSpec } from '../src/contracts/child-spec.ts'
import type { IncarnationId } from '../src/contracts/ids.ts'
import { ownProcessEnvironment } from '../src/platform/environment.ts'
import { failPoint } from '../src/platform/fail-point.ts'
import { newId, randomHex } from '../src/platform/random.ts'
import { type RegisteredProcess, spawnRegistered } from '../src/platform/spawn-registered.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'
import { writeChildMemory } from './child-memory.ts'
import { specHash } from './spec-hash.ts'

export interface SpawnedChild {
  readonly process: RegisteredProcess
  /** Null for a child that is never asked for a nonce. */
  readonly secret: string | null
}

/**
 * Starts one incarnation of a child: first what an adopter must know and its secret (0600, handed over as descriptor 3),
 * then the registered process. A crash before that leaves a folder without an intent, which names no process.
 * @throws SpawnError when it cannot be started; nothing is left behind then.
 */
export const spawnChild = async (options: {
  readonly spec: ChildSpec
  readonly role: 'lane' | 'service'
  readonly owner: IncarnationId
  readonly layout: StateLayout
}): Promise<SpawnedChild> => {
  const { spec, layout } = options
  const incarnation = newId('inc')
  const secret = asksNonce(spec) ? randomHex(32) : null
  const secretFile = layout.probeSecret(incarnation)
  const dir = layout.registration(incarnation)
  mkdirSync(layout.logs, { recursive: true, mode: 0o700 })
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeChildMemory(dir, { specHash: specHash(spec), readyAt: null })
  if (secret !== null) writeFileSync(secretFile, secret, { mode: 0o600, flag: 'wx' })
  try {
    const process = await spawnRegistered({
      role: options.role,
      subject: spec.id,
      owner: options.owner,
      registrationsDir: layout.registrations,
      incarnation,
      argv: spec.start.argv,
      cwd: spec.start.cwd,
      env: {
        // A lane is a process of ours: the fail points of tests reach it, but no service.
        ...(options.role === 'lane' ? ownProcessEnvironment({}) : {}),
        ...spec.start.env,
        OC_SUPERVISE_CHILD: spec.id,
        OC_SUPERVISE_INCARNATION: incarnation,
        OC_SUPERVISE_STATE: layout.root,
      },
      stdoutFile: layout.log(spec.id),
      stderrFile: layout.log(spec.id),
      ...(secret === null ? {} : { secretFile }),
    })
    failPoint('supervisor.child_spawned')
    return { process, secret }
  } catch (error) {
    rmSync(secretFile, { force: true })
    rmSync(dir, { recursive: true, force: true })
    throw error
  }
}

/** Whether a child is ever asked for a nonce, and so needs a secret. */
export const asksNonce = (spec: ChildSpec): boolean => spec.liveness === 'nonce' || spec.ready.by === 'nonce'
