import { openSqliteStore } from '../../durable/sqlite/sqlite-store.ts'
import type { Store } from '../../durable/store.ts'
import type { Clock } from '../../platform/clock.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { RefusedError } from '../report-error.ts'

/**
 * Opens the journal of a state folder; a lease's holder is taken for dead only where the operating system proves it.
 * @throws RefusedError `journal_version` or `journal_unreadable`, which say what to do.
 */
export const openJournal = (layout: StateLayout, clock: Clock): Promise<Store> =>
  openSqliteStore({
    path: layout.journal,
    clock,
    prove: (owner) => {
      const found = proveIdentity(owner.identity)
      if (found.proof === 'gone') return 'dead'
      // A zombie never runs again, whoever forgot to reap it; a stopped process may.
      if (found.proof === 'halted') return found.state === 'Z' || found.state === 'X' ? 'dead' : 'alive'
      return found.proof === 'alive' ? 'alive' : 'unproven'
    },
  }).catch((error: Error) => {
    const code = REFUSALS[error.name]
    throw code === undefined ? error : new RefusedError(code, error.message)
  })

const REFUSALS: Readonly<Record<string, string>> = {
  JournalVersionError: 'journal_version',
  JournalUnreadableError: 'journal_unreadable',
}
