import type { StreamHead } from '../../contracts/liveness.ts'
import { openDatabase } from './open-database.ts'

/** Reads heads of streams at once, on a connection of its own that never writes and never waits for a writer. */
export interface HeadReader {
  /** Null where the stream has no events. @throws node:sqlite's error where the journal does not answer. */
  head(stream: string): StreamHead | null
  close(): void
}

/** Opens a head reader on an existing journal. @throws JournalVersionError */
export const openHeadReader = (path: string): HeadReader => {
  const db = openDatabase(path, { readOnly: true })
  const statement = db.prepare('SELECT seq, head FROM streams WHERE name = ?')
  return {
    head: (stream) => {
      const row = statement.get(stream)
      return row === undefined ? null : { stream, version: row.seq as number, hash: row.head as string }
    },
    close: () => db.close(),
  }
}
