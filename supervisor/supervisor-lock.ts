import { rmSync } from 'node:fs'
import { z } from 'zod'
import { IncarnationId } from '../src/contracts/ids.ts'
import { Instant } from '../src/contracts/instant.ts'
import { ProcessIdentity } from '../src/contracts/process-identity.ts'
import { readJsonFile, writeJsonAtomic } from '../src/platform/atomic-file.ts'
import { acquireLock } from '../src/platform/exclusive-lock.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'

/** Who holds the lock; for messages only, the lock itself is the truth. */
export const LockOwner = z.object({
  v: z.literal(1),
  incarnation: IncarnationId,
  identity: ProcessIdentity,
  at: Instant,
})
export type LockOwner = z.infer<typeof LockOwner>

/** Thrown when a supervisor already runs on this state. Usual cause: it was started twice. Remedy: stop the other one. */
export class SupervisorAlreadyRunning extends Error {
  readonly code = 'supervisor_already_running'
  /** Null in the moment before the other one has written its name. */
  readonly owner: LockOwner | null

  constructor(stateDir: string, owner: LockOwner | null) {
    super(
      owner === null
        ? `another process holds ${stateDir}: a supervisor that is starting, or a janitor that frees what was saved; try again when it is done`
        : `a supervisor already runs on ${stateDir}: pid ${owner.identity.pid} (${owner.incarnation}); stop it with \`oc-supervise stop\` first`,
    )
    this.name = 'SupervisorAlreadyRunning'
    this.owner = owner
  }
}

/**
 * Takes the lock of a state folder and writes down who holds it.
 * @throws SupervisorAlreadyRunning when somebody else does.
 */
export const takeSupervisorLock = (layout: StateLayout, owner: Omit<LockOwner, 'v'>): { release(): void } => {
  const lock = acquireLock(layout.lock)
  if (lock === null) throw new SupervisorAlreadyRunning(layout.root, readLockOwner(layout))
  writeJsonAtomic(layout.lockOwner, { v: 1, ...owner })
  return {
    release: () => {
      rmSync(layout.lockOwner, { force: true })
      lock.release()
    },
  }
}

/** Who wrote its name beside the lock last; null if nobody has. */
export const readLockOwner = (layout: StateLayout): LockOwner | null => {
  const read = readJsonFile(layout.lockOwner, LockOwner)
  return read.ok ? read.value : null
}
