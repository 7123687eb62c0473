import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS, SCHEMA, SCHEMA_VERSION } from './schema.ts'

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
 * Opens (and, unless read-only, creates or lifts to our version) a journal: WAL, every commit on the disk before it is
 * told. A database of an older version can be read as it is.
 * @throws JournalVersionError when the tables are newer than this code; JournalUnreadableError when the file is no
 * database; node:sqlite's error while another process creates it.
 */
export const openDatabase = (path: string, options: { readOnly?: boolean } = {}): DatabaseSync => {
  const readOnly = options.readOnly ?? false
  if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  try {
    if (!readOnly) prepareForWriting(db)
    refuseOtherVersion(db, path, readOnly)
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
  if (hasTables(db) && !isOlder(db)) return
  db.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have done it while we waited for the lock.
    if (!hasTables(db)) {
      db.exec(SCHEMA)
      db.prepare("INSERT INTO meta VALUES ('schema_version', ?)").run(String(SCHEMA_VERSION))
    } else if (isOlder(db)) lift(db, versionOf(db))
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

const hasTables = (db: DatabaseSync): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'").get() !== undefined

/** Lifts the tables step by step, inside the caller's transaction: a crash leaves them as they were. */
const lift = (db: DatabaseSync, from: number): void => {
  for (let version = from; version < SCHEMA_VERSION; version += 1) db.exec(MIGRATIONS[version] as string)
  db.prepare("UPDATE meta SET value = ? WHERE key = 'schema_version'").run(String(SCHEMA_VERSION))
}

const isOlder = (db: DatabaseSync): boolean => versionOf(db) in MIGRATIONS

/** NaN where nothing says it. */
const versionOf = (db: DatabaseSync): number =>
  Number(db.prepare("SELECT value FROM meta WHERE key = 'schema_version'").get()?.value ?? Number.NaN)

const refuseOtherVersion = (db: DatabaseSync, path: string, readOnly: boolean): void => {
  const version = hasTables(db) ? versionOf(db) : Number.NaN
  if (version === SCHEMA_VERSION || (readOnly && version in MIGRATIONS)) return
  throw new JournalVersionError(path, Number.isNaN(version) ? 'none' : String(version))
}
