import { decodeEvent, ZERO_HASH } from '../event-bytes.ts'
import type { Store } from '../store.ts'
import { appendEvent, headOf } from './append-event.ts'
import type { Journal } from './journal.ts'

/** Reads of the journal, and streams that have no state of their own. */
export const streams = (journal: Journal): Pick<Store, 'readStream' | 'head' | 'appendLaneEvent'> => ({
  readStream: async (stream, fromSeq, limit = -1) =>
    journal
      .prepare('SELECT bytes, hash FROM events WHERE stream = ? AND seq >= ? ORDER BY seq LIMIT ?')
      .all(stream, fromSeq, limit)
      .map((row) => decodeEvent({ bytes: row.bytes as string, hash: row.hash as string })),

  head: async (stream) => headOf(journal, stream),

  appendLaneEvent: (stream, writer, type, data) =>
    journal.write(`append:${type}`, () => {
      if (stream.includes('/') || isActor(journal, stream))
        throw new Error(`stream ${stream} belongs to an actor or a record; only they write to it`)
      const event = { stream, writer, type, data, stateHash: ZERO_HASH }
      return appendEvent(journal, event, headOf(journal, stream))
    }),
})

const isActor = (journal: Journal, id: string): boolean =>
  journal.prepare('SELECT 1 FROM actors WHERE id = ?').get(id) !== undefined
