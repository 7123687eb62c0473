import { existsSync, renameSync } from 'node:fs'
import { readJsonFile, syncFolder } from '../platform/atomic-file.ts'
import { failPoint } from '../platform/fail-point.ts'
import { removeTree } from '../platform/remove-tree.ts'
import { attemptFolder } from './attempt-folder.ts'
import { type SaveWorkspaceInput, saveWorkspace } from './save-workspace.ts'
import { savedRecordFile, savedRef } from './saved-repository.ts'
import { SavedWork } from './saved-work.ts'

/**
 * Saves an attempt's folder, proves it saved, and only then removes it: first by renaming it away, then by deleting
 * what was renamed, so that a crash leaves either a folder that is saved again or one that is known to be saved.
 * A folder without its ready mark never had an agent in it and is removed as it is. Repeating it is safe.
 * @throws CannotSave naming what blocks the removal; nothing was deleted.
 */
export const releaseWorkspace = async (
  input: SaveWorkspaceInput,
): Promise<{ readonly saved: string[]; readonly removed: boolean }> => {
  const folder = attemptFolder(input.workspacesDir, input.attemptId)
  if (existsSync(folder.dir)) {
    if (existsSync(folder.ready)) await saveWorkspace(input)
    await removeTree(folder.released)
    renameSync(folder.dir, folder.released)
    syncFolder(input.workspacesDir)
    failPoint('workspace.renamed')
  }
  await removeTree(folder.released)
  const record = readJsonFile(savedRecordFile(input.savedDir, input.attemptId), SavedWork)
  return { saved: record.ok ? refsOf(record.value) : [], removed: true }
}

const refsOf = (saved: SavedWork): string[] => [
  savedRef(saved.attemptId, 'files'),
  ...saved.repositories.flatMap(({ refs }, number) =>
    Object.keys(refs).map((name) => savedRef(saved.attemptId, `git/${number}/${name}`)),
  ),
]
