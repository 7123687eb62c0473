import { canonicalJson } from '../../contracts/canonical-json.ts'
import type { JsonValue } from '../../contracts/json.ts'
import { ZERO_HASH } from '../event-bytes.ts'
import type { Store } from '../store.ts'
import { appendEvent, headOf } from './append-event.ts'
import { insertInbox } from './commit.ts'
import type { Journal } from './journal.ts'

/** Events on their way to actors. */
export const inbox = (journal: Journal): Pick<Store, 'enqueue' | 'discard'> => ({
  enqueue: (row) => journal.write(`enqueue:${row.event.type}`, () => ({ isNew: insertInbox(journal, row) })),

  discard: (rowId, reason, writer) =>
    journal.write('discard', () => {
      const row = journal
        .prepare(
          "UPDATE inbox SET state = 'discarded' WHERE id = ? AND state = 'waiting' RETURNING actor, queue, event, start",
        )
        .get(rowId)
      if (row === undefined) return false
      const stream = `inbox/${row.queue}`
      const data = {
        ...(JSON.parse(canonicalJson(row as JsonValue)) as object),
        row: rowId,
        reason,
      } as JsonValue
      appendEvent(
        journal,
        { stream, writer, type: 'inbox.discarded', data, stateHash: ZERO_HASH },
        headOf(journal, stream),
      )
      return true
    }),
})
