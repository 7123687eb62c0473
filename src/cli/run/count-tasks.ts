import type { Board } from '../../board/board.ts'
import type { StatusFile } from '../../contracts/status.ts'
import { BOARD_STATES } from '../../contracts/task.ts'

/** How many tasks stand where; for the status. */
export const countTasks = async (board: Board): Promise<StatusFile['counts']> => {
  const [ready, running, review, blocked] = await Promise.all(
    (['Ready', 'Running', 'Review', 'Blocked'] as const).map((state) => board.count({ state })),
  )
  return { ready: ready ?? 0, running: running ?? 0, review: review ?? 0, blocked: blocked ?? 0 }
}

/** How many tasks stand where, in words: `2 Ready, 3 Done`; null where the board is empty. */
export const describeBoard = async (board: Board): Promise<string | null> => {
  const counts = await Promise.all(
    BOARD_STATES.map(async (state) => ({ state, count: await board.count({ state }) })),
  )
  const said = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${state}`)
  return said.length === 0 ? null : said.join(', ')
}
