import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Clock } from '../../platform/clock.ts'
import { failPoint } from '../../platform/fail-point.ts'
import { randomHex } from '../../platform/random.ts'
import { JournalBusyError } from '../store.ts'
import { openDatabase } from './open-database.ts'

/** One open database: cached statements, and transactions that end before anything else runs. */
export interface Journal {
  readonly path: string
  readonly clock: Clock
  /** A prepared statement; each text is prepared once. */
  prepare(text: string): StatementSync
  /**
   * Runs `work` in one transaction that holds the write lock from its start. `work` is synchronous: no await, spawn
   * or file access can come between. Throwing `Rollback` undoes everything and gives its value back.
   * @param name the fail points around it: `NAME:before`, `NAME:inside` (written, not committed) and `NAME:after`.
   * @throws JournalBusyError when the lock, or room on the disk, could not be had in bounded time.
   */
  write<T>(name: string, work: () => T): Promise<T>
  close(): void
}

/** Ends a transaction without writing, with an expected outcome. */
export class Rollback<T> extends Error {
  readonly value: T

  constructor(value: T) {
    super('rolled back')
    this.value = value
  }
}

/** Together with SQLite's own busy timeout this bounds a wait to about ten seconds. */
const LOCK_TRIES = 60

/** Opens a journal. @throws JournalVersionError, JournalBusyError */
export const openJournal = async (path: string, clock: Clock): Promise<Journal> => {
  const db = await retryPassing(path, clock, () => openDatabase(path))
  const statements = new Map<string, StatementSync>()
  const prepare = (text: string): StatementSync => {
    const known = statements.get(text)
    if (known !== undefined) return known
    const statement = db.prepare(text)
    statements.set(text, statement)
    return statement
  }
  return {
    path,
    clock,
    prepare,
    write: async (name, work) => {
      failPoint(`${name}:before`)
      const result = await retryPassing(path, clock, () => inTransaction(db, name, work))
      failPoint(`${name}:after`)
      return result
    },
    close: () => {
      statements.clear()
      db.close()
    },
  }
}

const inTransaction = <T>(db: DatabaseSync, name: string, work: () => T): T => {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    failPoint(`${name}:inside`)
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    if (error instanceof Rollback) return error.value as T
    throw error
  }
}

const retryPassing = async <T>(path: string, clock: Clock, attempt: () => T): Promise<T> => {
  const since = clock.monoMs()
  for (let tries = 1; ; tries += 1) {
    try {
      return attempt()
    } catch (error) {
      if (!isPassing(error)) throw error
      if (tries >= LOCK_TRIES)
        throw new JournalBusyError(path, Math.round(clock.monoMs() - since), { cause: error })
      // SQLite wakes waiters without fairness; jitter keeps two of them from meeting again and again.
      await clock.sleep(1 + (Number.parseInt(randomHex(2), 16) % 100))
    }
  }
}

/** What may be over with the next try: SQLITE_BUSY, SQLITE_LOCKED and SQLITE_FULL with all their extended codes. */
const PASSING_PRIMARY = [5, 6, 13]
/** SQLITE_IOERR_WRITE and SQLITE_IOERR_SHMSIZE: a full disk says these, too. */
const PASSING_IO = [778, 4874]

const isPassing = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return false
  const code = Number(error.errcode)
  return PASSING_PRIMARY.includes(code & 0xff) || PASSING_IO.includes(code)
}
