import type { Instant } from '../contracts/instant.ts'

/**
 * How long ago `then` was, in ms; never negative. Within one boot the monotonic clock decides, so setting the clock
 * changes nothing; across boots only the wall clock means something.
 */
export const ageMs = (now: Instant, then: Instant): number => Math.max(0, elapsedMs(now, then))

/** Whether `due` has come; by the same clock as `ageMs`. */
export const isDue = (now: Instant, due: Instant): boolean => elapsedMs(now, due) >= 0

/** The instant `ms` later (or earlier, where negative) on both clocks. */
export const plusMs = (instant: Instant, ms: number): Instant => ({
  wallMs: Math.max(0, Math.round(instant.wallMs + ms)),
  monoMs: Math.max(0, instant.monoMs + ms),
  bootId: instant.bootId,
})

const elapsedMs = (now: Instant, then: Instant): number =>
  now.bootId === then.bootId ? now.monoMs - then.monoMs : now.wallMs - then.wallMs
