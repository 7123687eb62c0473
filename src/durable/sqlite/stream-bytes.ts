import { openDatabase } from './open-database.ts'

/** How many bytes of events each stream of a journal holds; streams without events are not in it. */
export const streamBytes = (path: string): ReadonlyMap<string, number> => {
  const db = openDatabase(path, { readOnly: true })
  try {
    const rows = db.prepare('SELECT stream, sum(length(bytes)) AS bytes FROM events GROUP BY stream').all()
    return new Map(rows.map((row) => [row.stream as string, row.bytes as number]))
  } finally {
    db.close()
  }
}
