import type { IncarnationId } from '../../contracts/ids.ts'
import { endProcess } from '../../platform/end-process.ts'
import { forgetRegistration, readRegistrations } from '../../platform/registrations.ts'

/** How long a process of a dead owner may take to end by itself. */
const GRACE_MS = 2_000

/**
 * Ends the effect processes (git, checks, setup) that a proved dead incarnation had started. Keepers are left alone:
 * whoever comes next adopts them.
 */
export const reapEffects = async (registrationsDir: string, owner: IncarnationId): Promise<void> => {
  const left = readRegistrations(registrationsDir).filter(
    ({ intent }) => intent.owner === owner && intent.role === 'effect',
  )
  await Promise.all(
    left.map(async (registration) => {
      const { identity, intent } = registration
      const ended = await endProcess({ identity, mark: intent.mark }, { graceMs: GRACE_MS })
      if (ended === 'gone') forgetRegistration(registration)
    }),
  )
}
