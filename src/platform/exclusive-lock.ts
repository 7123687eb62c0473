import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

/** Held locks; a database that nobody references would be closed, and its lock lost, by the garbage collector. */
const held = new Set<DatabaseSync>()

/**
 * Takes a lock that lives exactly as long as this process: an SQLite file kept in an exclusive transaction, so that
 * the operating system frees it even after `kill -9`. Null at once when somebody else holds it.
 * Nothing may open this file otherwise: closing any handle of it would drop the lock (POSIX advisory locks).
 * @throws Error when the file cannot be used as a lock at all.
 */
export const acquireLock = (path: string): { release(): void } | null => {
  createPrivate(path)
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(path, { timeout: 0 })
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null
    throw new Error(
      `acquireLock: ${path} cannot be locked (${(error as Error).message}); check that it lies on a local disk and may be written, or remove it while nothing runs`,
      { cause: error },
    )
  }
  const locked = db
  held.add(locked)
  return {
    release: () => {
      if (held.delete(locked)) locked.close()
    },
  }
}

/** Creates the file readable by its owner alone; an existing one is not even opened (see above). */
const createPrivate = (path: string): void => {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
