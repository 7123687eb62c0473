import { userInfo } from 'node:os'
import type { ChangedBy } from '../../board/board.ts'
import { type FileTask, readTaskFile } from '../../board/import-tasks.ts'
import { InvalidTaskText } from '../../board/invalid-task-text.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { Clock } from '../../platform/clock.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'

/** Whoever runs a manifest vouches for the tasks of its file. */
export const importer = (): ChangedBy => ({ actor: 'person', name: userInfo().username, fence: null })

/**
 * Reads the tasks of the file that a manifest names, before anything runs.
 * @throws UsageError naming file, task and what is wrong.
 */
export const tasksOfManifest = (manifest: CompiledManifest, clock: Clock): FileTask[] => {
  const file = manifest.board.importFile
  if (file === null) return []
  const tasks = readOrRefuse(file, clock)
  const repos = Object.keys(manifest.repos)
  const lost = tasks.find(({ spec }) => !repos.includes(spec.repo))
  if (lost === undefined) return tasks
  throw new UsageError(
    `${file}: ${lost.spec.id}: repository ${quoted(lost.spec.repo)} is not in the manifest, which knows ${repos.join(', ')}`,
  )
}

const readOrRefuse = (file: string, clock: Clock): FileTask[] => {
  try {
    return readTaskFile(file, { by: importer(), nowMs: clock.wallMs() })
  } catch (error) {
    if (error instanceof InvalidTaskText) throw new UsageError(error.message)
    throw error
  }
}
