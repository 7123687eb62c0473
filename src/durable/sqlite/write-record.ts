import type { PutRecord } from '../../contracts/store.ts'
import { recordStream } from '../record-stream.ts'
import { recordStateHash } from '../state-hash.ts'
import type { RecordNeeds } from '../store.ts'
import { appendEvent, headOf } from './append-event.ts'
import type { Journal } from './journal.ts'
import { toText } from './rows.ts'

type NewRecord = Pick<
  PutRecord,
  'kind' | 'id' | 'queue' | 'state' | 'rank' | 'createdMs' | 'value' | 'event' | 'writer'
>

/** Writes a record and its event; answers the new version. Only inside a transaction that read `version`. */
export const writeRecord = (journal: Journal, record: NewRecord, version: number): number => {
  const value = toText(record.value)
  const next = version + 1
  const moved = stateOf(journal, record.kind, record.id) !== record.state
  journal
    .prepare(
      `INSERT INTO records (kind, id, queue, state, rank, created_ms, version, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET queue = excluded.queue, state = excluded.state, rank = excluded.rank,
         created_ms = excluded.created_ms, version = excluded.version, value = excluded.value`,
    )
    .run(record.kind, record.id, record.queue, record.state, record.rank, record.createdMs, next, value)
  if (moved) recountDependents(journal, record.kind, record.id)
  const stream = recordStream(record.kind, record.id)
  appendEvent(
    journal,
    {
      stream,
      writer: record.writer,
      type: record.event,
      data: { version: next, queue: record.queue, state: record.state, value: record.value },
      stateHash: recordStateHash({ ...record, value }),
    },
    headOf(journal, stream),
  )
  return next
}

/** Replaces what a record waits for. */
export const writeNeeds = (journal: Journal, kind: string, id: string, needs: RecordNeeds): void => {
  journal.prepare('DELETE FROM record_links WHERE kind = ? AND id = ?').run(kind, id)
  const insert = journal.prepare('INSERT OR IGNORE INTO record_links VALUES (?, ?, ?, ?)')
  for (const needed of needs.ids) insert.run(kind, id, needed, needs.state)
  recount(journal, kind, id)
}

const stateOf = (journal: Journal, kind: string, id: string): unknown =>
  journal.prepare('SELECT state FROM records WHERE kind = ? AND id = ?').get(kind, id)?.state

/** `unmet` is kept beside the record, so that picking the next eligible one never walks past those that wait. */
const recount = (journal: Journal, kind: string, id: string): void => {
  journal
    .prepare(
      `UPDATE records SET unmet = (
         SELECT count(*) FROM record_links AS link
         LEFT JOIN records AS needed ON needed.kind = link.kind AND needed.id = link.needs
         WHERE link.kind = ?1 AND link.id = ?2 AND needed.state IS NOT link.needs_state)
       WHERE kind = ?1 AND id = ?2`,
    )
    .run(kind, id)
}

const recountDependents = (journal: Journal, kind: string, id: string): void => {
  const dependents = journal.prepare('SELECT id FROM record_links WHERE kind = ? AND needs = ?').all(kind, id)
  for (const dependent of dependents) recount(journal, kind, dependent.id as string)
}
