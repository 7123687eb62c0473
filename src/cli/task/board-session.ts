import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Board, ChangedBy } from '../../board/board.ts'
import { localBoard } from '../../board/local-board.ts'
import { TaskId } from '../../contracts/ids.ts'
import type { BoardTask } from '../../contracts/task.ts'
import type { Store } from '../../durable/store.ts'
import { systemClock } from '../../platform/clock.ts'
import { makeFolders } from '../../platform/make-folders.ts'
import { type StateLayout, stateLayout } from '../../platform/state-layout.ts'
import { openJournal } from '../compose/open-journal.ts'
import { type StateOptions, selectStateDir } from '../compose/select-state.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'

/** A board that is open for one command. */
export interface BoardSession {
  readonly layout: StateLayout
  readonly store: Store
  readonly board: Board
}

/** The person who runs this command, as boards and events name them. */
export const person = (): ChangedBy => ({ actor: 'person', name: userInfo().username, fence: null })

/**
 * Opens the local board for one command and closes it. Looking never creates a board; adding may (`create`).
 * @throws RefusedError `never_run` where there is none.
 */
export const withBoard = async <T>(
  options: StateOptions,
  use: (session: BoardSession) => Promise<T>,
  create = false,
): Promise<T> => {
  const layout = stateLayout(await selectStateDir(options))
  if (!existsSync(layout.journal)) {
    if (!create)
      throw new RefusedError('never_run', `${layout.root} holds no board yet; add a task or run a manifest`)
    makeFolders(layout.root, 0o700)
  }
  const store = await openJournal(layout, systemClock)
  try {
    return await use({ layout, store, board: localBoard(store) })
  } finally {
    await store.close()
  }
}

/** @throws UsageError when there is no such task. */
export const existingTask = async (board: Board, id: string): Promise<BoardTask> => {
  const task = TaskId.safeParse(id).success ? await board.get(id) : null
  if (task !== null) return task
  throw new UsageError(`no task ${quoted(id)}; \`oc-supervise task list\` shows them`)
}
