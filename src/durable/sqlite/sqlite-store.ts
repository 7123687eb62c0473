import type { Clock } from '../../platform/clock.ts'
import { proveOwner } from '../prove-owner.ts'
import type { Store } from '../store.ts'
import { actors } from './actors.ts'
import { anchorRows } from './anchor-rows.ts'
import { claims, type ProveOwner } from './claim.ts'
import { commitTurn } from './commit.ts'
import { dueQueries } from './due.ts'
import { inbox } from './inbox.ts'
import { openJournal } from './journal.ts'
import { progress } from './progress.ts'
import { records } from './records.ts'
import { spend } from './spend.ts'
import { streams } from './streams.ts'
import { takeRecord } from './take-record.ts'

/**
 * The store on one host's local disk.
 * @param options.prove what the operating system says of a lease's holder on this host; `proveOwner`, unless a test says otherwise.
 * @throws JournalVersionError, JournalBusyError
 */
export const openSqliteStore = async (options: {
  readonly path: string
  readonly clock: Clock
  readonly prove?: ProveOwner
}): Promise<Store> => {
  const journal = await openJournal(options.path, options.clock)
  return {
    ...claims(journal, options.prove ?? proveOwner),
    ...dueQueries(journal),
    ...inbox(journal),
    ...actors(journal),
    ...streams(journal),
    ...records(journal),
    ...takeRecord(journal),
    ...progress(journal),
    ...spend(journal),
    ...anchorRows(journal),
    commit: (input) =>
      journal.write(`commit:${input.machine}:${input.event.type}`, () => commitTurn(journal, input)),
    close: async () => journal.close(),
  }
}
