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

/**
 * Opens (and, unless read-only, creates) a journal: WAL, every commit on the disk before it is told.
 * @throws JournalVersionError when the tables are newer than this code; node:sqlite's error while another process creates it.
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
