import type { PutResult, RecordRow } from '../../contracts/store.ts'
import type { Store } from '../store.ts'
import { isHeldWith } from './claim.ts'
import { insertInbox } from './commit.ts'
import type { Journal } from './journal.ts'
import { matching } from './matching.ts'
import { toRecord } from './rows.ts'
import type { RecordTable } from './tables.ts'
import { writeNeeds, writeRecord } from './write-record.ts'

/** Documents beside the actors: versioned, journaled, hashed. */
export const records = (journal: Journal): Pick<Store, 'put' | 'get' | 'list' | 'count'> => ({
  put: (record) =>
    journal.write(`put:${record.event}`, (): PutResult => {
      const known = versionOfKey(journal, record.key)
      if (known !== null) return { ok: true, version: known, repeated: true }
      const current = readRecord(journal, record.kind, record.id)
      if (record.fence !== null && !isHeldWith(journal, record.fence.actor, record.fence.token))
        return { ok: false, reason: 'fence', current }
      if ((current?.version ?? 0) !== record.expectedVersion) return { ok: false, reason: 'version', current }
      const version = writeRecord(journal, record, record.expectedVersion)
      if (record.needs !== undefined) writeNeeds(journal, record.kind, record.id, record.needs)
      journal
        .prepare('INSERT INTO record_keys VALUES (?, ?, ?, ?)')
        .run(record.key, record.kind, record.id, version)
      if (record.tell !== undefined) insertInbox(journal, record.tell)
      return { ok: true, version, repeated: false }
    }),

  get: async (kind, id) => readRecord(journal, kind, id),

  list: async ({ kind, queue, state, after, limit }) => {
    const { where, values } = matching({ kind, queue, state })
    const later = after === undefined ? '' : 'AND (rank, created_ms, id) > (?, ?, ?)'
    const place = after === undefined ? [] : [after.rank, after.createdMs, after.id]
    return journal
      .prepare(`SELECT * FROM records ${where} ${later} ORDER BY rank, created_ms, id LIMIT ?`)
      .all(...values, ...place, limit)
      .map((row) => toRecord(row as unknown as RecordTable))
  },

  count: async ({ kind, queue, state }) => {
    const { where, values } = matching({ kind, queue, state })
    const row = journal.prepare(`SELECT count(*) AS count FROM records ${where}`).get(...values)
    return row?.count as number
  },
})

const readRecord = (journal: Journal, kind: string, id: string): RecordRow | null => {
  const row = journal.prepare('SELECT * FROM records WHERE kind = ? AND id = ?').get(kind, id)
  return row === undefined ? null : toRecord(row as unknown as RecordTable)
}

const versionOfKey = (journal: Journal, key: string): number | null => {
  const row = journal.prepare('SELECT version FROM record_keys WHERE key = ?').get(key)
  return row === undefined ? null : (row.version as number)
}
