import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** SQLite's WAL write lock is byte 120 of the shared-memory file; see "WAL-index locks" in SQLite's walformat. */
const WAL_WRITE_LOCK_BYTE = 120

const LOCKS = '/proc/locks'

/**
 * Who holds the journal's write lock at this moment, as `pid N (name)`; null for nobody, or where the system does not
 * tell. Reads /proc/locks, and opens nothing: opening and closing the file would drop locks of our own.
 */
export const journalLockHolder = (journalPath: string): string | null => {
  try {
    return holderAmong(readFileSync(LOCKS, 'utf8'), journalPath)
  } catch {
    return null
  }
}

/**
 * The same for a loop that must not stand still: Linux lets a reader of /proc/locks wait until every processor has come
 * to rest once, which takes tens of milliseconds.
 */
export const findJournalLockHolder = async (journalPath: string): Promise<string | null> => {
  try {
    return holderAmong(await readFile(LOCKS, 'utf8'), journalPath)
  } catch {
    return null
  }
}

/** @throws Error of node:fs where the journal has no shared-memory file. */
const holderAmong = (locks: string, journalPath: string): string | null => {
  const inode = statSync(`${journalPath}-shm`).ino
  const pid = locks
    .split('\n')
    .find((row) => isWriteLockOn(row, inode))
    ?.trim()
    .split(/\s+/)[4]
  return pid === undefined ? null : `pid ${pid} (${commandOf(pid)})`
}

/** `1: POSIX  ADVISORY  WRITE 4711 08:01:1234 120 120`; a leading `->` marks one that only waits. */
const isWriteLockOn = (row: string, inode: number): boolean => {
  const fields = row.trim().split(/\s+/)
  const [, , , mode, , file, from, to] = fields
  return (
    mode === 'WRITE' &&
    file?.endsWith(`:${inode}`) === true &&
    Number(from) <= WAL_WRITE_LOCK_BYTE &&
    (to === 'EOF' || Number(to) >= WAL_WRITE_LOCK_BYTE)
  )
}

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'gone'
  }
}
