import type { Instant } from '../contracts/instant.ts'
import { bootId } from './boot-id.ts'

/** The only way to know or wait for time. Tests elsewhere hand in their own. */
export interface Clock {
  /** UTC milliseconds since 1970; may jump. */
  wallMs(): number
  /** Milliseconds of the host's monotonic clock, the same for all processes of one boot. */
  monoMs(): number
  readonly bootId: string
  now(): Instant
  /** Resolves after `ms`, or as soon as `signal` is aborted (it never rejects: ask the signal which it was). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Runs `run` once when `ms` have passed on the monotonic clock, never earlier; the answer cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The host's clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  // CLOCK_MONOTONIC, to the microsecond.
  monoMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  get bootId() {
    return bootId()
  },
  now: () => ({ wallMs: systemClock.wallMs(), monoMs: systemClock.monoMs(), bootId: bootId() }),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = (): void => {
        cancel()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const cancel = systemClock.after(ms, done)
      signal?.addEventListener('abort', done, { once: true })
    }),
  after: (ms, run) => {
    const dueMs = systemClock.monoMs() + ms
    let timer: NodeJS.Timeout
    // A bare setTimeout fires at once beyond 2^31-1 ms, and up to a millisecond early by the monotonic clock.
    const arm = (): void => {
      const leftMs = Math.max(0, Math.ceil(dueMs - systemClock.monoMs()))
      timer = setTimeout(
        () => (systemClock.monoMs() >= dueMs ? run() : arm()),
        Math.min(leftMs, LONGEST_TIMEOUT_MS),
      )
    }
    arm()
    return () => clearTimeout(timer)
  },
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1
