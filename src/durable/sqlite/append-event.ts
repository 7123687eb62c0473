import type { JsonValue } from '../../contracts/json.ts'
import type { StreamHead } from '../../contracts/liveness.ts'
import { encodeEvent, ZERO_HASH } from '../event-bytes.ts'
import type { Journal } from './journal.ts'

interface NewEvent {
  readonly stream: string
  readonly writer: string
  readonly type: string
  readonly data: JsonValue
  readonly stateHash: string
}

/** The last event of a stream. */
export const headOf = (journal: Journal, stream: string): StreamHead => {
  const row = journal.prepare('SELECT seq, head FROM streams WHERE name = ?').get(stream)
  return row === undefined
    ? { stream, version: 0, hash: ZERO_HASH }
    : { stream, version: row.seq as number, hash: row.head as string }
}

/** Appends one event after `before`; only inside a transaction that read `before`. */
export const appendEvent = (journal: Journal, event: NewEvent, before: StreamHead): StreamHead => {
  const seq = before.version + 1
  const writerSeq = nextWriterSeq(journal, event.writer)
  const { bytes, hash } = encodeEvent({
    ...event,
    seq,
    prev: before.hash,
    writerSeq,
    at: journal.clock.now(),
  })
  journal
    .prepare('INSERT INTO events (stream, seq, writer, writer_seq, hash, bytes) VALUES (?, ?, ?, ?, ?, ?)')
    .run(event.stream, seq, event.writer, writerSeq, hash, bytes)
  journal
    .prepare(
      'INSERT INTO streams (name, seq, head) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, head = excluded.head',
    )
    .run(event.stream, seq, hash)
  return { stream: event.stream, version: seq, hash }
}

const nextWriterSeq = (journal: Journal, writer: string): number =>
  journal
    .prepare(
      'INSERT INTO writers (name, seq) VALUES (?, 1) ON CONFLICT DO UPDATE SET seq = seq + 1 RETURNING seq',
    )
    .get(writer)?.seq as number
