import { availableParallelism, loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Clock } from '../src/platform/clock.ts'

/** Whether the host, or our own event loop, is too busy to blame a child for its silence. */
export interface Host {
  read(): HostLoad
}

export interface HostLoad {
  /** Load average of the last minute, per CPU. */
  readonly loadPerCpu: number
  /** The share of the time since the last reading that our event loop was at work, or stood still in the midst of it, 0 to 1. */
  readonly loopBusy: number
  readonly overloaded: boolean
}

export interface HostLimits {
  /** @default 8 */
  readonly loadPerCpu?: number
}

/** A loop that is at work for more of its time cannot tell a late answer from a late look. */
const BUSIEST = 0.5
/** In less than this the loop has shown nothing: between two lines of ours it is always at work, in ms. */
const SHOWS_NOTHING_MS = 100

/** Reads the load average and how busy our own event loop was. Node counts that anyway: asking needs no timer, so an idle loop stays idle. */
export const watchHost = (limits: HostLimits = {}): Host => {
  let seen = performance.eventLoopUtilization()
  return {
    read: () => {
      const loadPerCpu = (loadavg()[0] ?? 0) / availableParallelism()
      const now = performance.eventLoopUtilization()
      const { idle, active, utilization } = performance.eventLoopUtilization(now, seen)
      const loopBusy = idle + active < SHOWS_NOTHING_MS ? 0 : utilization
      seen = now
      return {
        loadPerCpu,
        loopBusy,
        overloaded: loadPerCpu > (limits.loadPerCpu ?? 8) || loopBusy > BUSIEST,
      }
    },
  }
}

/** How often the load is read anew, and how long an overload excuses silence after it is over, in ms. */
const READ_EVERY_MS = 1_000
const LINGERS_MS = 5_000
/** Whoever comes so long after its time was held up, in ms, though it was not at work: stopped, or waiting for a processor. */
const HELD_UP_MS = 500

/**
 * The load of the last second, if it is asked as often: the supervisor does at every tick. An overload lingers: a probe
 * that ran out during it is not held against a child right after.
 * @returns how to ask; `lateMs` is how long after its time whoever asks comes.
 */
export const createLoadReader = (host: Host, clock: Clock): ((lateMs?: number) => HostLoad) => {
  let load = host.read()
  let readMs = clock.monoMs()
  let overloadedMs = load.overloaded ? readMs : Number.NEGATIVE_INFINITY
  return (lateMs = 0) => {
    const nowMs = clock.monoMs()
    if (nowMs - readMs >= READ_EVERY_MS) {
      load = host.read()
      readMs = nowMs
      if (load.overloaded) overloadedMs = nowMs
    }
    if (lateMs > HELD_UP_MS) overloadedMs = nowMs
    return { ...load, overloaded: nowMs - overloadedMs <= LINGERS_MS }
  }
}
