import { z } from 'zod'
import { ProcessIdentity } from '../../src/contracts/process-identity.ts'
import { readJsonFile } from '../../src/platform/atomic-file.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'
import { isProvedDead } from '../keeper/is-proved-dead.ts'

/** What a lane must know of its supervisor; the words of the lane's machine. */
type ParentEvent = 'SUPERVISOR_LOST' | 'SUPERVISOR_BACK' | 'ORPHAN_TIMEOUT'

interface ParentWatch {
  /** Proves the supervisor anew; what has changed since the last time, or null. */
  check(): ParentEvent | null
}

/**
 * Watches for a dead supervisor. A child is not its supervisor's slave: it outlives it, finishes what it holds, and waits
 * `orphanTimeoutMs` for the next one. Only proof counts: a supervisor that is stopped, or of whom the system says
 * nothing, is not dead. Whoever holds the lock after it, and lives, has taken its place.
 */
export const createParentWatch = (
  layout: StateLayout,
  clock: Clock,
  orphanTimeoutMs: number,
): ParentWatch => {
  let lostMs: number | null = null
  let timedOut = false
  return {
    check: () => {
      const presence = supervisorPresence(layout)
      if (presence === 'alive' && lostMs !== null) {
        lostMs = null
        timedOut = false
        return 'SUPERVISOR_BACK'
      }
      if (presence === 'gone' && lostMs === null) {
        lostMs = clock.monoMs()
        return 'SUPERVISOR_LOST'
      }
      if (lostMs === null || timedOut || clock.monoMs() - lostMs < orphanTimeoutMs) return null
      timedOut = true
      return 'ORPHAN_TIMEOUT'
    },
  }
}

const LockOwner = z.object({ identity: ProcessIdentity })
const Status = z.object({ supervisor: LockOwner })

/** Who holds the lock writes its name; a supervisor that ended cleanly took it away, then status.json still names it. */
const supervisorPresence = (layout: StateLayout): 'alive' | 'gone' | 'unproven' => {
  const owner = readJsonFile(layout.lockOwner, LockOwner)
  const status = owner.ok ? null : readJsonFile(layout.status, Status)
  const identity = owner.ok ? owner.value.identity : status?.ok ? status.value.supervisor.identity : null
  if (identity === null) return 'gone'
  const proof = proveIdentity(identity)
  if (proof.proof === 'alive') return 'alive'
  return isProvedDead(proof) ? 'gone' : 'unproven'
}
