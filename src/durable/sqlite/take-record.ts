import type { JsonValue } from '../../contracts/json.ts'
import type { InboxRow, RecordRow } from '../../contracts/store.ts'
import type { Store, TakeRecord } from '../store.ts'
import { insertInbox } from './commit.ts'
import type { Journal } from './journal.ts'
import { toRecord } from './rows.ts'
import type { RecordTable } from './tables.ts'
import { writeRecord } from './write-record.ts'

/** Picks and moves the next eligible record; two takers never get the same one. */
export const takeRecord = (journal: Journal): Pick<Store, 'takeRecord'> => ({
  takeRecord: (query) =>
    journal.write(`take:${query.event}`, () => {
      const found = firstEligible(journal, query)
      if (found === null) return null
      const value = { ...(found.value as Record<string, JsonValue>), ...query.patch }
      const moved = { ...found, state: query.toState, value }
      const version = writeRecord(
        journal,
        { ...moved, event: query.event, writer: query.writer },
        found.version,
      )
      if (query.start !== null) insertInbox(journal, startRow(query.start, { ...moved, version }))
      return { ...moved, version }
    }),
})

/**
 * One step down an index, however many records there are and however many wait for others; those that are left out are
 * walked past.
 */
const firstEligible = (
  journal: Journal,
  { kind, queue, fromState, except }: TakeRecord,
): RecordRow | null => {
  const others = except === undefined ? [] : [except.path, JSON.stringify(except.values)]
  const row = journal
    .prepare(
      `SELECT * FROM records INDEXED BY records_eligible
       WHERE kind = ? AND queue = ? AND state = ? AND unmet = 0
       ${except === undefined ? '' : 'AND json_extract(value, ?) NOT IN (SELECT json_each.value FROM json_each(?))'}
       ORDER BY rank, created_ms, id LIMIT 1`,
    )
    .get(kind, queue, fromState, ...others)
  return row === undefined ? null : toRecord(row as unknown as RecordTable)
}

const startRow = (start: NonNullable<TakeRecord['start']>, record: RecordRow): InboxRow => {
  const value = record.value as Record<string, JsonValue>
  const given = start.recordField === null ? value : (value[start.recordField] ?? null)
  return {
    id: `take/${record.kind}/${record.id}/${record.version}`,
    actor: record.id,
    queue: start.queue,
    event: start.event,
    start: { machine: start.machine, input: { ...start.input, [start.recordKey]: given } },
  }
}
