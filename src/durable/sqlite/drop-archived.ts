import type { Clock } from '../../platform/clock.ts'
import type { JournalCut } from '../journal-cut.ts'
import { openJournal } from './journal.ts'

/**
 * Drops what a cut has archived and declared: the events of its streams, and of those actors the effects and messages
 * that are over. In one transaction; repeating it is safe. A stream that has grown since stays whole, and so does an
 * actor that is not done. States stay: they say how it ended.
 * @returns how many events were dropped
 */
export const dropArchived = async (path: string, clock: Clock, cut: JournalCut): Promise<number> => {
  const journal = await openJournal(path, clock)
  try {
    return await journal.write('journal:drop', () => {
      let dropped = 0
      for (const { stream, seq, hash } of cut.streams) {
        const isHere =
          journal
            .prepare(
              `SELECT 1 FROM streams JOIN actors ON actors.id = streams.name
               WHERE name = ? AND seq = ? AND head = ? AND status = 'done'`,
            )
            .get(stream, seq, hash) !== undefined
        if (!isHere) continue
        dropped += Number(journal.prepare('DELETE FROM events WHERE stream = ?').run(stream).changes)
        journal.prepare("DELETE FROM effects WHERE actor = ? AND state != 'open'").run(stream)
        journal.prepare("DELETE FROM inbox WHERE actor = ? AND state != 'waiting'").run(stream)
      }
      return dropped
    })
  } finally {
    journal.close()
  }
}
