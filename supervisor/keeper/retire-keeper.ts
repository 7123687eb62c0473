import { endProcess } from '../../src/platform/end-process.ts'
import { forgetRegistration, readRegistrations } from '../../src/platform/registrations.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'

/** Its record is the last thing a keeper writes: it is about to exit by itself. */
const EXIT_GRACE_MS = 2_000

/**
 * Forgets the registrations of an attempt's keepers once its story has ended; its folder tells everything from then on.
 * Each is proved gone first, those too that never came to run. One that survives keeps its registration.
 */
export const retireKeeper = async (layout: StateLayout, attempt: string): Promise<void> => {
  const registrations = readRegistrations(layout.registrations).filter(
    ({ intent }) => intent.role === 'keeper' && intent.subject === attempt,
  )
  for (const registration of registrations) {
    const { identity, intent } = registration
    const ended = await endProcess({ identity, mark: intent.mark }, { graceMs: EXIT_GRACE_MS })
    if (ended === 'gone') forgetRegistration(registration)
  }
}
