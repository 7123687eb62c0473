import { statSync } from 'node:fs'
import { databaseSource } from '../../durable/sqlite/database-source.ts'
import type { Clock } from '../../platform/clock.ts'

/** How often we look whether the journal was written to. */
const LOOK_EVERY_MS = 250
/** How often we read it anyway: a file's time is only a hint. */
const READ_EVERY_MS = 2_000

/** How far every stream of a journal goes, at one moment. */
export const streamHeads = (journal: string): ReadonlyMap<string, number> => {
  const source = databaseSource(journal)
  try {
    return new Map([...(source.heads() ?? [])].map(({ stream, seq }) => [stream, seq]))
  } finally {
    source.close()
  }
}

/** Answers when there may be something new in the journal. Ask for the token before reading, and wait on it after. */
export const createJournalWatch = (journal: string, clock: Clock) => ({
  token: (): string => [journal, `${journal}-wal`].map(stampOf).join(' '),
  changed: async (token: string, signal: AbortSignal): Promise<void> => {
    const readAtMs = clock.monoMs() + READ_EVERY_MS
    while (!signal.aborted && clock.monoMs() < readAtMs) {
      await clock.sleep(LOOK_EVERY_MS, signal)
      if ([journal, `${journal}-wal`].map(stampOf).join(' ') !== token) return
    }
  },
})

/** Asked by name: opening the file would drop locks that SQLite holds on it in this process. */
const stampOf = (path: string): string => {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? '-' : `${found.mtimeNs}:${found.size}`
}
