import { existsSync } from 'node:fs'
import type { Store } from '../../durable/store.ts'
import { systemClock } from '../../platform/clock.ts'
import { type StateLayout, stateLayout } from '../../platform/state-layout.ts'
import { openJournal } from '../compose/open-journal.ts'
import { type StateOptions, selectStateDir } from '../compose/select-state.ts'
import { RefusedError } from '../report-error.ts'

/** A system that has run at least once, open for looking and for leaving messages. */
export interface System {
  readonly layout: StateLayout
  readonly store: Store
}

/**
 * The state folder the options name.
 * @throws RefusedError `never_run` where no journal is: looking never creates one.
 */
export const existingLayout = async (options: StateOptions): Promise<StateLayout> => {
  const layout = stateLayout(await selectStateDir(options))
  if (existsSync(layout.journal)) return layout
  throw new RefusedError(
    'never_run',
    `${layout.root} holds no system yet; start one with \`oc-supervise run --manifest FILE\``,
  )
}

/**
 * Opens the system the options name, hands it over and closes it again.
 * @throws RefusedError `never_run`, or `journal_unreadable` where the file is no journal.
 */
export const withSystem = async <T>(
  options: StateOptions,
  use: (system: System) => Promise<T>,
): Promise<T> => {
  const layout = await existingLayout(options)
  const store = await openJournal(layout, systemClock).catch((error: Error) => {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ERR_SQLITE_ERROR') throw error
    throw new RefusedError(
      'journal_unreadable',
      `${layout.journal}: ${error.message}; see \`oc-supervise verify\``,
    )
  })
  try {
    return await use({ layout, store })
  } finally {
    await store.close()
  }
}
