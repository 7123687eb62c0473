import type { DatabaseSync } from 'node:sqlite'
import type { ActorRow } from '../../contracts/store.ts'
import type { JournalSource } from '../journal-source.ts'
import { recordStream } from '../record-stream.ts'
import { spendStream } from '../spend-stream.ts'
import { actorStateHash, recordStateHash, spendStateHash } from '../state-hash.ts'
import { openDatabase } from './open-database.ts'

/**
 * Reads a journal's database for verification or export: read-only, and one moment of it however long the reading
 * takes.
 * @throws JournalVersionError; node:sqlite's error where the file is no database.
 */
export const databaseSource = (path: string): JournalSource => {
  const db = openDatabase(path, { readOnly: true })
  db.exec('BEGIN')
  // A copy of an older version has no ledger yet.
  const hasSpend =
    db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'spend'").get() !== undefined
  // The mark alone excuses nothing: whoever can write it could hide a changed state behind it.
  const isImported =
    db
      .prepare(
        `SELECT 1 FROM meta WHERE key = 'imported'
         AND NOT EXISTS (SELECT 1 FROM actors) AND NOT EXISTS (SELECT 1 FROM records)
         ${hasSpend ? 'AND NOT EXISTS (SELECT 1 FROM spend)' : ''}`,
      )
      .get() !== undefined
  return {
    events: function* () {
      const statement = db.prepare(
        'SELECT bytes, hash, stream, seq, writer, writer_seq FROM events ORDER BY n',
      )
      statement.setReturnArrays(true)
      for (const row of statement.iterate() as unknown as Iterable<EventColumns>) {
        const [bytes, hash, stream, seq, writer, writerSeq] = row
        yield { bytes, hash, place: { stream, seq, writer, writerSeq } }
      }
    },
    anchors: () =>
      db.prepare('SELECT bytes, signature, hash FROM anchors ORDER BY n').iterate() as unknown as Iterable<{
        bytes: string
        signature: string
        hash: string
      }>,
    // What was imported of an archive lacks everything else; only there may a mark say so.
    scope: () => (isImported ? scopeIn(db) : null),
    states: isImported
      ? () => null
      : function* () {
          for (const row of db.prepare('SELECT * FROM actors').iterate())
            yield { stream: row.id as string, hash: actorHash(row) }
          for (const row of db.prepare('SELECT * FROM records').iterate())
            yield { stream: recordStream(row.kind as string, row.id as string), hash: recordHash(row) }
          if (!hasSpend) return
          for (const row of db.prepare('SELECT * FROM spend').iterate())
            yield { stream: spendStream(row.id as string), hash: spendHash(row) }
        },
    heads: () =>
      db.prepare('SELECT name AS stream, seq, head AS hash FROM streams').iterate() as unknown as Iterable<{
        stream: string
        seq: number
        hash: string
      }>,
    writers: () =>
      db.prepare('SELECT name AS writer, seq FROM writers').iterate() as unknown as Iterable<{
        writer: string
        seq: number
      }>,
    close: () => db.close(),
  }
}

const scopeIn = (db: DatabaseSync): ReadonlySet<string> | null => {
  const row = db.prepare("SELECT value FROM meta WHERE key = 'scope'").get()
  return row === undefined ? null : new Set(JSON.parse(row.value as string) as string[])
}

type EventColumns = [string, string, string, number, string, number]
type Columns = Record<string, unknown>

const actorHash = (row: Columns): string =>
  actorStateHash({
    queue: row.queue as string,
    machine: row.machine as string,
    machineVersion: row.machine_version as number,
    status: row.status as ActorRow['status'],
    entries: row.entries as number,
    snapshot: row.snapshot as string,
  })

const recordHash = (row: Columns): string =>
  recordStateHash({
    queue: row.queue as string,
    state: row.state as string,
    rank: row.rank as number,
    createdMs: row.created_ms as number,
    value: row.value as string,
  })

const spendHash = (row: Columns): string =>
  spendStateHash({
    task: row.task as string,
    agent: row.agent as string,
    lane: row.lane as string,
    state: row.state as string,
    endedWall: row.ended_wall as number | null,
    endedMono: row.ended_mono as number | null,
    endedBoot: row.ended_boot as string | null,
    value: row.value as string,
  })
