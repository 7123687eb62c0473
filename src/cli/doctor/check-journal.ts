import { existsSync } from 'node:fs'
import { journalLockHolder } from '../../../supervisor/recovery/journal-lock.ts'
import { databaseSource } from '../../durable/sqlite/database-source.ts'
import { systemClock } from '../../platform/clock.ts'
import { attention, type Check, note, ok } from './check.ts'

/** A write lock held this long is no commit any more. */
const STUCK_AFTER_MS = 2_000
const LOOK_EVERY_MS = 50

/** Whether the journal opens, and whether somebody sits on its write lock. Reads only. */
export const checkJournal = async (journal: string): Promise<Check[]> => {
  if (!existsSync(journal)) return [note('journal', 'none yet: nothing has run here', null)]
  const holder = await stuckHolder(journal)
  const lock =
    holder === null
      ? ok('journal lock', 'free')
      : attention(
          'journal lock',
          `${holder} has held the write lock for more than ${STUCK_AFTER_MS / 1000} s`,
          'end that process; nothing of ours holds the lock longer than one commit',
        )
  return [openCheck(journal), lock]
}

const openCheck = (journal: string): Check => {
  try {
    const source = databaseSource(journal)
    try {
      const streams = [...(source.heads() ?? [])]
      const events = streams.reduce((sum, { seq }) => sum + seq, 0)
      return ok('journal', `opens; ${events} events in ${streams.length} streams`)
    } finally {
      source.close()
    }
  } catch (error) {
    return attention(
      'journal',
      `${journal}: ${(error as Error).message}`,
      'oc-supervise verify says what is wrong',
    )
  }
}

/** Who holds the lock every time we look, for as long as it takes to be sure; null for nobody. */
const stuckHolder = async (journal: string): Promise<string | null> => {
  const sureAtMs = systemClock.monoMs() + STUCK_AFTER_MS
  for (let first: string | null = null; ; ) {
    const holder = journalLockHolder(journal)
    first ??= holder
    if (holder === null || holder !== first) return null
    if (systemClock.monoMs() >= sureAtMs) return holder
    await systemClock.sleep(LOOK_EVERY_MS)
  }
}
