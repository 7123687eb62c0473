import { existsSync } from 'node:fs'
import { decodeEvent } from './event-bytes.ts'
import { exportSource } from './export-source.ts'
import { openDatabase } from './sqlite/open-database.ts'

/**
 * Builds a journal database from an export or an archive, to read and verify. It holds events and anchors but no actors and no
 * records, whose states are not in an export: nothing can run on it. It is built as it is and proves nothing;
 * run `verify` on it.
 * @throws Error when the target exists already; ExportLineError, ZodError when the export is damaged.
 */
export const importJournal = (source: string, database: string): { events: number; anchors: number } => {
  if (existsSync(database)) throw new Error(`${database}: exists already; import into a new file`)
  const db = openDatabase(database)
  const journal = exportSource(source)
  const count = { events: 0, anchors: 0 }
  try {
    db.exec('BEGIN IMMEDIATE')
    db.exec("INSERT INTO meta VALUES ('imported', '1')")
    const scope = journal.scope()
    if (scope !== null) db.prepare("INSERT INTO meta VALUES ('scope', ?)").run(JSON.stringify([...scope]))
    const event = db.prepare(
      'INSERT INTO events (stream, seq, writer, writer_seq, hash, bytes) VALUES (?, ?, ?, ?, ?, ?)',
    )
    for (const raw of journal.events()) {
      const { stream, seq, writer, writerSeq } = decodeEvent(raw)
      event.run(stream, seq, writer, writerSeq, raw.hash, raw.bytes)
      count.events += 1
    }
    const anchor = db.prepare('INSERT INTO anchors (bytes, signature, hash) VALUES (?, ?, ?)')
    for (const raw of journal.anchors()) {
      anchor.run(raw.bytes, raw.signature, raw.hash)
      count.anchors += 1
    }
    if (count.events + count.anchors === 0) throw new Error('it holds no events and no anchors; export again')
    db.exec(
      `INSERT INTO streams (name, seq, head)
       SELECT stream, seq, hash FROM events AS e WHERE seq = (SELECT max(seq) FROM events WHERE stream = e.stream)`,
    )
    db.exec('INSERT INTO writers SELECT writer, max(writer_seq) FROM events GROUP BY writer')
    db.exec('COMMIT')
  } finally {
    db.close()
    journal.close()
  }
  return count
}
