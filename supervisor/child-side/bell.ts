import type { Clock } from '../../src/platform/clock.ts'

/** Wakes one waiter by name. A ring that comes while nobody waits is kept for the next one. */
export interface Bell {
  ring(source: string): void
  /** Who rang since the last time, in order; waits at most `ms` (null: for ever) for somebody. Empty when time is up. */
  next(ms: number | null): Promise<readonly string[]>
}

export const createBell = (clock: Clock): Bell => {
  const rung = new Set<string>()
  let wake = (): void => {}
  return {
    ring: (source) => {
      rung.add(source)
      wake()
    },
    next: async (ms) => {
      if (rung.size === 0 && (ms === null || ms > 0)) {
        await new Promise<void>((resolve) => {
          const cancel = ms === null ? () => {} : clock.after(ms, resolve)
          wake = () => {
            cancel()
            resolve()
          }
        })
        wake = () => {}
      }
      const sources = [...rung]
      rung.clear()
      return sources
    },
  }
}
