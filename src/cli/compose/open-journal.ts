import { openSqliteStore } from '../../durable/sqlite/sqlite-store.ts'
import type { Store } from '../../durable/store.ts'
import type { Clock } from '../../platform/clock.ts'
import { proveIdentity } from '../../platform/process-identity.ts'
import type { StateLayout } from '../../platform/state-layout.ts'

/** Opens the journal of a state folder; a lease's holder is taken for dead only where the operating system proves it. */
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
  })
