import type { ProcessIdentity } from '../../contracts/process-identity.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import { forgetRegistration, readRegistrations } from '../../platform/registrations.ts'
import type { StateLayout } from '../../platform/state-layout.ts'

/**
 * Forgets the registrations that `run --detach` made of supervisors: our own as the last thing we do, and those whose
 * process is proved gone. Nobody else answers for them. One that never came to run has no identity and is forgotten by
 * whoever proves its mark gone.
 */
export const forgetSupervisors = (layout: StateLayout, own: ProcessIdentity): void => {
  for (const registration of readRegistrations(layout.registrations)) {
    const { intent, identity } = registration
    if (intent.role !== 'supervisor' || identity === null) continue
    const isOurs = identity.pid === own.pid && identity.startTicks === own.startTicks
    if (isOurs || proveIdentity(identity).proof === 'gone') forgetRegistration(registration)
  }
}
