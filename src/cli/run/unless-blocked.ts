import { JournalBusyError } from '../../durable/store.ts'

/**
 * Does what needs the journal, unless somebody holds its write lock, or the disk has no room, for longer than a write may
 * wait: then it is left for the next time. The supervisor signals and restarts without the journal, so it must not end for want of it.
 */
export const unlessBlocked = async (work: () => Promise<unknown>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof JournalBusyError)) throw error
  }
}
