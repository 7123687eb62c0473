import type { Store } from '../store.ts'
import type { Journal } from './journal.ts'

/** Whether anything waits: one step down an index, however much there is. */
export const progress = (journal: Journal): Pick<Store, 'hasEligible' | 'hasWaiting' | 'busyActors'> => ({
  hasEligible: async (kind, queue, state) =>
    journal
      .prepare(
        `SELECT 1 FROM records INDEXED BY records_eligible
         WHERE kind = ? AND queue = ? AND state = ? AND unmet = 0 LIMIT 1`,
      )
      .get(kind, queue, state) !== undefined,
  hasWaiting: async (queue) =>
    journal
      .prepare("SELECT 1 FROM inbox INDEXED BY inbox_waiting WHERE queue = ? AND state = 'waiting' LIMIT 1")
      .get(queue) !== undefined,
  busyActors: async () =>
    journal
      .prepare("SELECT DISTINCT actor FROM effects INDEXED BY effects_open WHERE state = 'open'")
      .all()
      .map((row) => row.actor as string),
})
