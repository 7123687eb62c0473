import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { Clock } from '../../platform/clock.ts'
import { decideIdle, decideRunExit, type RunTally } from './decide-idle.ts'
import type { Progress } from './read-progress.ts'

export interface IdleEnd {
  readonly exit: 0 | 3 | 10
  readonly reason: string
}

/** Watches for the moment when a run that ends when idle may end. */
export const createIdleWatch = (ports: {
  readonly clock: Clock
  readonly manifest: CompiledManifest
  readonly maxWaitMs: number
}) => {
  const { clock, manifest } = ports
  const beganMs = clock.monoMs()
  let peopleSinceMs: number | null = null
  return {
    look: (progress: Progress, tally: RunTally): IdleEnd | null => {
      const people = progress.actors.filter(({ standing }) => standing === 'waits_person').length
      // What waits for a time would start work when it comes.
      const moving = progress.actors.filter(
        ({ standing }) => standing === 'moving' || standing === 'waits_time',
      ).length
      const onlyPeople = people > 0 && moving === 0 && !progress.eligible && !progress.waitingEvents
      peopleSinceMs = onlyPeople ? (peopleSinceMs ?? clock.monoMs()) : null
      const decision = decideIdle({
        eligible: progress.eligible,
        waitingEvents: progress.waitingEvents,
        moving,
        people,
        waitingForPeopleMs: peopleSinceMs === null ? 0 : clock.monoMs() - peopleSinceMs,
        waitForPeopleMs: manifest.untilIdle.waitForPeopleMs,
      })
      const tooLong = clock.monoMs() - beganMs > ports.maxWaitMs
      if (decision !== 'idle' && !tooLong) return null
      const stuck = progress.actors.filter(({ standing }) => standing === 'stuck').length
      const exit = decideRunExit({
        ...tally,
        blocked: tally.blocked + stuck,
        waitingForPeople: Math.max(tally.waitingForPeople, people),
      })
      return { exit, reason: decision === 'idle' ? 'nothing is left to do' : '--max-wait is over' }
    },
  }
}
