import type { Instant } from '../src/contracts/instant.ts'
import type { Clock } from '../src/platform/clock.ts'
import { ageMs } from '../src/platform/instant-math.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'
import { type Ask, answerRequest, pendingRequests } from './request.ts'
import type { Supervisor } from './supervisor-api.ts'

type Served = Pick<Supervisor, 'phase' | 'stop' | 'pause' | 'unpause' | 'restartChild' | 'records'>

/**
 * Does what request files ask, oldest first, each once. One that was left before this supervisor started is refused: it
 * was meant for another, and a stop must not end a run that began after it.
 */
export const serveRequests = (
  layout: StateLayout,
  clock: Clock,
  startedAt: Instant,
  supervisor: Served,
): void => {
  for (const found of pendingRequests(layout)) {
    if ('refused' in found) {
      answerRequest(layout, found.id, { ok: false, message: found.refused }, clock)
      continue
    }
    const { id, at, what } = found.request
    const isStale = ageMs(clock.now(), at) > ageMs(clock.now(), startedAt)
    const answer = isStale ? STALE : serve(what, supervisor)
    answerRequest(layout, id, answer, clock)
  }
}

const STALE = { ok: false, message: 'no supervisor was running when this was asked; ask again' }

const serve = (what: Ask, supervisor: Served): { ok: boolean; message: string } => {
  const phase = supervisor.phase()
  const isLeaving = phase !== 'running' && phase !== 'paused'
  // A child that was restarted now would not come back, and a drain would no longer wait for what it holds.
  if (what.ask !== 'stop' && isLeaving) {
    const message = `the supervisor is ${phase} and starts nothing any more; ask again under the next \`oc-supervise run\``
    return { ok: false, message }
  }
  switch (what.ask) {
    case 'stop':
      void supervisor.stop({
        drain: what.drain,
        keepAgents: what.keepAgents,
        kill: what.kill,
        reason: 'asked by request',
      })
      // A second stop kills, however it was asked for; a second drain does not.
      if (what.kill || (isLeaving && !(what.drain && phase === 'draining')))
        return { ok: true, message: 'ending everything at once' }
      return { ok: true, message: what.drain ? 'draining' : 'stopping' }
    case 'pause':
      supervisor.pause('asked by request')
      return { ok: true, message: 'paused' }
    case 'unpause':
      supervisor.unpause('asked by request')
      return { ok: true, message: 'running' }
    case 'restart':
      if (supervisor.restartChild(what.child, 'asked by request')) {
        const when = phase === 'paused' ? '; started again after `oc-supervise unpause`' : ''
        return { ok: true, message: `restarting ${what.child ?? 'every child'}${when}` }
      }
      return {
        ok: false,
        message: `no child is called ${what.child}; known are ${supervisor
          .records()
          .map(({ id }) => id)
          .join(', ')}`,
      }
  }
}
