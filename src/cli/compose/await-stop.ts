import { isProvedDead } from '../../../supervisor/keeper/is-proved-dead.ts'
import { readLockOwner } from '../../../supervisor/supervisor-lock.ts'
import { systemClock } from '../../platform/clock.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import { stateLayout } from '../../platform/state-layout.ts'

const LOOK_EVERY_MS = 50

/** Waits until the supervisor that holds a state folder is proved gone, or has given it back. A drain may take hours. */
export const awaitStop = async (stateDir: string): Promise<void> => {
  const owner = readLockOwner(stateLayout(stateDir))
  while (owner !== null && !isProvedDead(proveIdentity(owner.identity))) {
    await systemClock.sleep(LOOK_EVERY_MS)
  }
}
