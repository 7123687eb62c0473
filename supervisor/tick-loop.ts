import type { Clock } from '../src/platform/clock.ts'
import { decideGap } from './decide/decide-liveness.ts'

/** What the loop tells its owner. */
export interface TickPorts {
  readonly clock: Clock
  /** The longest time between two ticks, in ms. */
  readonly maxMs: number
  /**
   * Looks at everything; answers with the monotonic ms of the next look that is worth it, and how long that waits at the
   * least, so that what is due about the same time is looked at together. `isAsked`: for another reason than that the
   * time has passed; somebody asked, or there was a gap. `lateMs`: how long after its time it comes; then we, or the host,
   * were held up.
   */
  look(isAsked: boolean, lateMs: number): { readonly dueMs: number; readonly closestMs: number }
  /** The host slept, or we did not run: nobody may be blamed for that time. */
  gap(kind: 'suspended' | 'own_gap', ms: number): void
}

/** The one timer of the supervisor. */
export interface TickLoop {
  /** Looks now, and arms the timer anew. */
  tick(): void
  /** Looks once the present turn of the event loop is over; many calls make one look. */
  wake(): void
  close(): void
}

/** Creates the loop; it begins with the first `tick` or `wake`. Every armed timer carries a token: a stale one does nothing. */
export const createTickLoop = (ports: TickPorts): TickLoop => {
  const { clock } = ports
  let token = 0
  let cancel = (): void => {}
  let isClosed = false
  let isAsked = false
  let armedForMs = Number.POSITIVE_INFINITY
  let last: { wallMs: number; monoMs: number; expectedMs: number } | null = null

  const measure = (): void => {
    const [wallMs, monoMs] = [clock.wallMs(), clock.monoMs()]
    if (last !== null) {
      const look = {
        wallPassedMs: wallMs - last.wallMs,
        monoPassedMs: monoMs - last.monoMs,
        lateMs: monoMs - last.expectedMs,
      }
      const kind = decideGap(look, ports.maxMs)
      if (kind !== 'none') {
        isAsked = true
        ports.gap(kind, kind === 'suspended' ? look.wallPassedMs - look.monoPassedMs : look.lateMs)
      }
    }
    last = { wallMs, monoMs, expectedMs: monoMs + ports.maxMs }
  }

  const tick = (): void => {
    if (isClosed) return
    measure()
    const wasAsked = isAsked
    isAsked = false
    const lateMs = Math.max(0, clock.monoMs() - armedForMs)
    const { dueMs, closestMs } = ports.look(wasAsked, lateMs)
    arm(Math.min(ports.maxMs, Math.max(closestMs, dueMs - clock.monoMs())))
  }

  const arm = (ms: number): void => {
    cancel()
    token += 1
    const mine = token
    armedForMs = clock.monoMs() + ms
    cancel = clock.after(ms, () => {
      if (mine === token) tick()
    })
  }

  return {
    tick: () => {
      isAsked = true
      tick()
    },
    wake: () => {
      isAsked = true
      if (!isClosed) arm(0)
    },
    close: () => {
      isClosed = true
      cancel()
    },
  }
}
