import type { Clock } from '../../src/platform/clock.ts'

/** A clock that stands still until the test lets time pass. */
export interface ManualClock extends Clock {
  /** Both clocks go on, and what is due runs in order. */
  pass(ms: number): void
  /** The wall clock alone jumps: a suspend, or somebody who sets it. */
  jump(ms: number): void
  readonly armed: number
}

export const manualClock = (): ManualClock => {
  let wallMs = 1_000_000
  let monoMs = 5_000
  let timers: { dueMs: number; run: () => void }[] = []
  const clock: ManualClock = {
    bootId: 'boot',
    wallMs: () => wallMs,
    monoMs: () => monoMs,
    now: () => ({ wallMs, monoMs, bootId: 'boot' }),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const cancel = clock.after(ms, resolve)
        signal?.addEventListener('abort', () => {
          cancel()
          resolve()
        })
      }),
    after: (ms, run) => {
      const timer = { dueMs: monoMs + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    pass: (ms) => {
      wallMs += ms
      monoMs += ms
      for (;;) {
        const due = timers.filter(({ dueMs }) => dueMs <= monoMs).sort((a, b) => a.dueMs - b.dueMs)[0]
        if (due === undefined) return
        timers = timers.filter((other) => other !== due)
        due.run()
      }
    },
    jump: (ms) => {
      wallMs += ms
    },
    get armed() {
      return timers.length
    },
  }
  return clock
}
