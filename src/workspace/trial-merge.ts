import { git } from '../platform/git.ts'
import { attemptRef, attemptRefs } from './attempt-folder.ts'
import { commitTree } from './commit-tree.ts'
import { patchOf } from './patch-of.ts'
import { removeRefLocks } from './remove-ref-locks.ts'

export type TrialMerge =
  | { readonly result: 'clean'; readonly sha: string; readonly patchId: string }
  | { readonly result: 'conflict'; readonly reason: string }

/**
 * Merges `headSha` into `baseSha` in the mirror and nowhere else, so that the result can be checked before anything
 * outside changes. The same input gives the same commit. Both commits must be in the mirror (see ensureMirror).
 */
export const trialMerge = async (input: {
  readonly attemptId: string
  readonly mirror: string
  readonly headSha: string
  readonly baseSha: string
  readonly nowMs: number
}): Promise<TrialMerge> => {
  const { mirror, headSha, baseSha, nowMs } = input
  const merged = await git(['merge-tree', '--write-tree', '--no-messages', '--name-only', baseSha, headSha], {
    gitDir: mirror,
    okExitCodes: [0, 1],
  })
  const [tree = '', ...conflicts] = merged.stdout.trim().split('\n')
  if (merged.exitCode === 1) return { result: 'conflict', reason: conflictReason(conflicts) }
  const sha = await commitTree({
    gitDir: mirror,
    tree,
    parents: [baseSha, headSha],
    message: `Trial merge of ${headSha} into ${baseSha}`,
    nowMs,
  })
  removeRefLocks(mirror, attemptRefs(input.attemptId))
  await git(['update-ref', attemptRef(input.attemptId, 'merge'), sha], { gitDir: mirror })
  const { patchId } = await patchOf(mirror, baseSha, tree)
  return { result: 'clean', sha, patchId }
}

const conflictReason = (paths: readonly string[]): string => {
  const shown = paths.slice(0, 10).join(', ')
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : ''
  return `conflicts in ${shown || 'unnamed paths'}${more}`
}
