import type { Clock } from '../../platform/clock.ts'

/** Events that nobody has signed for are at most this old while events arrive. */
const ANCHOR_EVERY_MS = 60_000

/** Writes anchors: now, when something was decided or ended; and from time to time. */
export const createAnchoring = (ports: { readonly clock: Clock; readonly write: () => Promise<unknown> }) => {
  let lastMs = ports.clock.monoMs()
  const soon = (): void => {
    lastMs = Number.NEGATIVE_INFINITY
  }
  const now = async (): Promise<void> => {
    // One that cannot be written, because the journal is busy, is owed.
    soon()
    await ports.write()
    lastMs = ports.clock.monoMs()
  }
  return {
    now,
    /** Something ended: the next look writes. */
    soon,
    whenDue: async (): Promise<void> => {
      if (ports.clock.monoMs() - lastMs >= ANCHOR_EVERY_MS) await now()
    },
  }
}
