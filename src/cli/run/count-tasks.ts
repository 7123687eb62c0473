import type { Board } from '../../board/board.ts'
import type { StatusFile } from '../../contracts/status.ts'

/** How many tasks stand where; for the status. */
export const countTasks = async (board: Board): Promise<StatusFile['counts']> => {
  const [ready, running, review, blocked] = await Promise.all(
    (['Ready', 'Running', 'Review', 'Blocked'] as const).map((state) => board.count({ state })),
  )
  return { ready: ready ?? 0, running: running ?? 0, review: review ?? 0, blocked: blocked ?? 0 }
}
