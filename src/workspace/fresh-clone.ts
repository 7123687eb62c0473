import { mkdirSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { git } from '../platform/git.ts'
import { removeTree } from '../platform/remove-tree.ts'
import { attemptFolder, attemptRef } from './attempt-folder.ts'
import { copyIndex } from './copy-index.ts'
import { type EffectProcess, gitFailure, runGitEffect } from './git-effect.ts'

export interface FreshClone {
  readonly path: string
  /** A folder of ours beside it, where nothing that runs in the clone can write. */
  readonly beside: string
  /** In there: its index as it was before anything ran in it. */
  readonly index: string
  /** Removes both; safe to repeat. */
  remove(): Promise<void>
}

/**
 * Makes a full clone at exactly `sha` (a commit of this attempt, or one on a branch of the mirror), untouched by any
 * agent, for checks to run in. What an interrupted earlier call left under the same number is replaced.
 * @throws WorkspaceFailure `infra_tooling` when the mirror cannot be cloned; GitError when it has no such commit.
 */
export const freshClone = async (input: {
  readonly attemptId: string
  /** Tells apart several clones of one attempt. */
  readonly number: number
  readonly mirror: string
  readonly workspacesDir: string
  readonly sha: string
  readonly effect: EffectProcess
}): Promise<FreshClone> => {
  const path = attemptFolder(input.workspacesDir, input.attemptId).checks(input.number)
  const beside = `${path}.ours`
  const remove = async (): Promise<void> => {
    for (const folder of [path, beside]) await removeTree(folder)
  }
  await remove()
  // A pattern, because an attempt has one, both or neither of its refs.
  const refs = attemptRef(input.attemptId, 'work').replace(/work$/, '*')
  const attemptsRefs = `remote.origin.fetch=+${refs}:refs/remotes/attempt/*`
  const result = await runGitEffect(
    [
      'clone',
      '--quiet',
      '--no-local',
      '--no-checkout',
      '-c',
      attemptsRefs,
      '-c',
      'gc.auto=0',
      '--',
      input.mirror,
      path,
    ],
    { effect: input.effect },
  )
  if (result.exitCode !== 0) throw gitFailure('infra_tooling', `checks' clone of ${input.mirror}`, result)
  await git(['checkout', '--quiet', '--detach', input.sha], {
    gitDir: join(path, '.git'),
    workTree: path,
  })
  const index = join(beside, 'clone.index')
  mkdirSync(beside, { mode: 0o700 })
  copyIndex(join(path, '.git', 'index'), index)
  return {
    path,
    beside,
    index,
    remove: async () => {
      await remove()
      removeIfEmpty(dirname(path))
    },
  }
}

/** After a merge was checked nothing else may be left of an attempt whose workspace was released long ago. */
const removeIfEmpty = (dir: string): void => {
  try {
    rmdirSync(dir)
  } catch {
    // Somebody's work is in it.
  }
}
