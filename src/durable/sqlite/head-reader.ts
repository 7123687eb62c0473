import type { StreamHead } from '../../contracts/liveness.ts'
import { openDatabase } from './open-database.ts'

/** Reads heads of streams at once, on a connection of its own that never writes and never waits for a writer. */
export interface HeadReader {
  /** Null where the stream has no events. @throws node:sqlite's error where the journal does not answer. */
  head(stream: string): StreamHead | null
  /** Another number as soon as anybody has written to the journal. @throws as `head` */
  version(): number
  close(): void
}

/** Opens a head reader on an existing journal. @throws JournalVersionError */
export const openHeadReader = (path: string): HeadReader => {
  const db = openDatabase(path, { readOnly: true })
  const statement = db.prepare('SELECT seq, head FROM streams WHERE name = ?')
  // Counts what others have committed; this connection never writes.
  const written = db.prepare('PRAGMA data_version')
  return {
    head: (stream) => {
      const row = statement.get(stream)
      return row === undefined ? null : { stream, version: row.seq as number, hash: row.head as string }
    },
    version: () => written.get()?.data_version as number,
    close: () => db.close(),
  }
}
