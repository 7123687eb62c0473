import { userInfo } from 'node:os'
import type { Board } from '../../board/board.ts'
import { importTasks } from '../../board/import-tasks.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { Clock } from '../../platform/clock.ts'

/**
 * Takes in the tasks of the file that the manifest names; those that are on the board already stay as they are.
 * @returns how many are new.
 * @throws InvalidTaskText naming file and task.
 */
export const importTaskFile = async (
  board: Board,
  manifest: CompiledManifest,
  clock: Clock,
): Promise<number> => {
  const file = manifest.board.importFile
  if (file === null) return 0
  const imported = await importTasks({
    file,
    board,
    by: { actor: 'person', name: userInfo().username, fence: null },
    nowMs: clock.wallMs(),
  })
  return imported.created.length
}
