import type { Owner } from '../contracts/store.ts'
import { proveIdentity } from '../platform/process-identity.ts'
import type { OwnerProof } from './store.ts'

/**
 * What this host's operating system says of a lease's holder. A zombie has run its last instruction and counts as
 * dead; a stopped process may go on at any moment and does not.
 */
export const proveOwner = (owner: Owner): OwnerProof => {
  const proof = proveIdentity(owner.identity)
  switch (proof.proof) {
    case 'gone':
      return 'dead'
    case 'halted':
      return proof.state === 'Z' || proof.state === 'X' ? 'dead' : 'alive'
    case 'alive':
      return 'alive'
    case 'unknown':
      return 'unproven'
  }
}
