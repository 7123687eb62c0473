import type { IdentityProof, ProcessIdentity } from '../contracts/process-identity.ts'
import { bootId } from './boot-id.ts'
import { processTable } from './process-table.ts'

/** The identity of a process that exists now (zombies included); null if there is none or the system does not answer. */
export const identityOf = (pid: number): ProcessIdentity | null => {
  const found = processTable.read(pid)
  if (!('entry' in found) || found.entry === null) return null
  return { pid, startTicks: found.entry.startTicks, bootId: bootId() }
}

/**
 * Our own identity.
 * @throws Error when the operating system does not tell it; nothing of ours can run there.
 */
export const selfIdentity = (): ProcessIdentity => {
  const identity = identityOf(process.pid)
  if (identity === null) {
    throw new Error(
      `selfIdentity: the system does not tell the start time of pid ${process.pid}; check that /proc is mounted`,
    )
  }
  return identity
}

/**
 * What the operating system says of an identity right now. `gone` and `alive` are proofs; `halted` exists but does
 * not run; `unknown` proves nothing and permits nothing.
 */
export const proveIdentity = (identity: ProcessIdentity): IdentityProof => {
  if (identity.bootId !== bootId()) return { proof: 'gone' }
  const found = processTable.read(identity.pid)
  if ('error' in found) return { proof: 'unknown', reason: found.error }
  if (found.entry === null || found.entry.startTicks !== identity.startTicks) return { proof: 'gone' }
  const { state } = found.entry
  return isHalted(state) ? { proof: 'halted', state } : { proof: 'alive', state }
}

const isHalted = (state: string): state is 'T' | 't' | 'Z' | 'X' => ['T', 't', 'Z', 'X'].includes(state)
