import type { ChildSpec } from '../../src/contracts/child-spec.ts'

type Backoff = ChildSpec['backoff']

/**
 * The longest wait before restart number `failures` (1 = the first after proven health): at once, then geometric from
 * `minMs` to `maxMs` in `steps` steps, as systemd's RestartSteps interpolates.
 */
export const backoffBoundMs = (failures: number, backoff: Backoff): number => {
  if (failures <= 1) return 0
  const step = Math.min(failures - 2, backoff.steps)
  const low = Math.max(1, Math.min(backoff.minMs, backoff.maxMs))
  return Math.min(backoff.maxMs, low * (backoff.maxMs / low) ** (step / backoff.steps))
}

/**
 * The wait in ms before a restart, with full jitter so that siblings do not stampede.
 * @param jitter drawn by the caller, 0 ≤ jitter ≤ 1.
 */
export const decideBackoff = (failures: number, backoff: Backoff, jitter: number): number =>
  Math.round(backoffBoundMs(failures, backoff) * jitter)

/**
 * How many failures in a row the tally holds: counted back from the newest to the first that had been ready for
 * `resetAfterMs`, which itself is failure number one again. Only proven health resets; time spent waiting does not.
 * @param readyMs how long each unintended death of the window had been ready, in ms (0 = never), newest last.
 */
export const failuresInARow = (readyMs: readonly number[], backoff: Backoff): number => {
  const sinceHealth = readyMs.toReversed().findIndex((ms) => ms >= backoff.resetAfterMs)
  return sinceHealth === -1 ? readyMs.length : sinceHealth + 1
}
