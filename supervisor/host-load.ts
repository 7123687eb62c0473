import { availableParallelism, loadavg } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../src/platform/clock.ts'

/** Whether the host, or our own event loop, is too busy to blame a child for its silence. */
export interface Host {
  read(): HostLoad
  close(): void
}

export interface HostLoad {
  /** Load average of the last minute, per CPU. */
  readonly loadPerCpu: number
  /** How far our event loop fell behind since the last reading, in ms. */
  readonly loopLagMs: number
  readonly overloaded: boolean
}

export interface HostLimits {
  /** @default 8 */
  readonly loadPerCpu?: number
  /** @default 500 */
  readonly loopLagMs?: number
}

/** Finer costs more: 200 ms is a fortieth of a percent of a core. */
const RESOLUTION_MS = 200

/** Watches the load average and the delay of our own event loop. */
export const watchHost = (limits: HostLimits = {}): Host => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let seen = { count: 0, ms: 0 }
  return {
    read: () => {
      const loadPerCpu = (loadavg()[0] ?? 0) / availableParallelism()
      // What is measured is each whole interval between two of its timers. Never reset: that would forget the one under way.
      const now = { count: delay.count, ms: delay.count === 0 ? 0 : (delay.mean * delay.count) / 1e6 }
      const loopLagMs = Math.max(0, now.ms - seen.ms - (now.count - seen.count) * RESOLUTION_MS)
      seen = now
      return {
        loadPerCpu,
        loopLagMs,
        overloaded: loadPerCpu > (limits.loadPerCpu ?? 8) || loopLagMs > (limits.loopLagMs ?? 500),
      }
    },
    close: () => {
      delay.disable()
    },
  }
}

/** How often the load is read anew, and how long an overload excuses silence after it is over, in ms. */
const READ_EVERY_MS = 1_000
const LINGERS_MS = 5_000

/** The load as of the last second. An overload lingers: a probe that ran out during it is not held against a child right after. */
export const createLoadReader = (host: Host, clock: Clock): (() => HostLoad) => {
  let load = host.read()
  let readMs = clock.monoMs()
  let overloadedMs = load.overloaded ? readMs : Number.NEGATIVE_INFINITY
  return () => {
    const nowMs = clock.monoMs()
    if (nowMs - readMs >= READ_EVERY_MS) {
      load = host.read()
      readMs = nowMs
      if (load.overloaded) overloadedMs = nowMs
    }
    return { ...load, overloaded: nowMs - overloadedMs <= LINGERS_MS }
  }
}
