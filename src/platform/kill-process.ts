import type { ProcessIdentity } from '../contracts/process-identity.ts'
import { proveIdentity } from './process-identity.ts'

/** SIGKILL to one process alone, if it is proved to be the one that is meant; for demonstrations of a sudden death. */
export const killProcess = (identity: ProcessIdentity): boolean => {
  const { proof } = proveIdentity(identity)
  if (proof !== 'alive' && proof !== 'halted') return false
  process.kill(identity.pid, 'SIGKILL')
  return true
}
