import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SCHEMA, SCHEMA_VERSION } from './schema.ts'

/** Milliseconds SQLite itself waits for a lock before we sleep without blocking and try again. */
const BUSY_TIMEOUT_MS = 100

/** A journal that this version cannot use; says what to do. */
export class JournalVersionError extends Error {
  constructor(path: string, found: string) {
    super(
      `journal ${path} has schema version ${found}, this oc-supervise knows ${SCHEMA_VERSION}; ` +
        'use the version that wrote it, or a newer one',
    )
    this.name = 'JournalVersionError'
  }
}

/** A file that is no database, or not a whole one any more; says what to do. */
export class JournalUnreadableError extends Error {
  constructor(path: string, options: { cause: Error }) {
    super(
      `journal ${path} cannot be read (${options.cause.message}); nothing was changed: put a copy in its place, ` +
        'or import an export into a new folder',
      options,
    )
    this.name = 'JournalUnreadableError'
  }
}

/** SQLite's words for it: SQLITE_CORRUPT and SQLITE_NOTADB (https://sqlite.org/rescode.html). */
const UNREADABLE: readonly unknown[] = [11, 26]

/**
 * Opens (and, unless read-only, creates) a journal: WAL, every commit on the disk before it is told.
 * @throws JournalVersionError when the tables are newer than this code; JournalUnreadableError when the file is no
 * database; node:sqlite's error while another process creates it.
 */
export const openDatabase = (path: string, options: { readOnly?: boolean } = {}): DatabaseSync => {
  const readOnly = options.readOnly ?? false
  if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  try {
    if (!readOnly) prepareForWriting(db)
    refuseOtherVersion(db, path)
  } catch (error) {
    db.close()
    if (UNREADABLE.includes((error as { errcode?: unknown }).errcode))
      throw new JournalUnreadableError(path, { cause: error as Error })
    throw error
  }
  return db
}

const prepareForWriting = (db: DatabaseSync): void => {
  db.exec('PRAGMA journal_mode = WAL')
  db.exec('PRAGMA synchronous = FULL')
  // Without it macOS acknowledges from the drive's cache.
  if (process.platform === 'darwin') db.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON')
  if (hasTables(db)) return
  db.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have created them while we waited for the lock.
    if (!hasTables(db)) {
      db.exec(SCHEMA)
      db.prepare("INSERT INTO meta VALUES ('schema_version', ?)").run(String(SCHEMA_VERSION))
    }
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

const hasTables = (db: DatabaseSync): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'").get() !== undefined

const refuseOtherVersion = (db: DatabaseSync, path: string): void => {
  const row = hasTables(db)
    ? db.prepare("SELECT value FROM meta WHERE key = 'schema_version'").get()
    : undefined
  if (row?.value !== String(SCHEMA_VERSION)) throw new JournalVersionError(path, String(row?.value ?? 'none'))
}
