import { readLockOwner } from '../../../supervisor/supervisor-lock.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import type { StateLayout } from '../../platform/state-layout.ts'

/** Whether somebody is there to take up what was put into the supervisor's queue. */
export interface Consumer {
  readonly consumer: 'supervisor' | 'supervisor_unproven' | 'next_run'
  /** One sentence. */
  readonly message: string
}

/** Looks for a supervisor and proves it: what is recorded beside the lock counts only if its process is there now. */
export const whoConsumes = (layout: StateLayout): Consumer => {
  const owner = readLockOwner(layout)
  const proof = owner === null ? { proof: 'gone' as const } : proveIdentity(owner.identity)
  const pid = owner?.identity.pid
  if (proof.proof === 'alive') {
    return { consumer: 'supervisor', message: `the supervisor (pid ${pid}) takes it up now` }
  }
  if (proof.proof === 'gone' || (proof.proof === 'halted' && (proof.state === 'Z' || proof.state === 'X'))) {
    return { consumer: 'next_run', message: 'nothing runs here now; the next `oc-supervise run` takes it up' }
  }
  const why = proof.proof === 'halted' ? 'is stopped' : `cannot be proved alive (${proof.reason})`
  return {
    consumer: 'supervisor_unproven',
    message: `the supervisor (pid ${pid}) ${why}; it takes it up when it goes on, or the next \`oc-supervise run\` does`,
  }
}
