import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { git } from '../platform/git.ts'
import { removeTree } from '../platform/remove-tree.ts'
import { SAVING_CONFIG, savedRef } from './saved-repository.ts'

/** Whose files, and where they were saved. */
export interface RestoreFrom {
  readonly savedDir: string
  readonly attemptId: string
}

/**
 * Puts the working files that an earlier attempt left (as they were saved) in place of those of a fresh clone at the
 * same commit, whose own `.git` stays: for an agent that goes on with its session. Nothing happens where nothing was saved. Safe to repeat.
 */
export const restoreFiles = async (from: RestoreFrom, tree: string): Promise<void> => {
  const saved = `${savedRef(from.attemptId, 'files')}:${basename(tree)}`
  const found = await git(['rev-parse', '--verify', '--quiet', saved], {
    gitDir: from.savedDir,
    okExitCodes: [0, 1, 128],
  })
  if (found.exitCode !== 0) return
  for (const name of readdirSync(tree)) {
    if (name !== '.git') await removeTree(join(tree, name))
  }
  // Named like the indexes we measure with: what a crash leaves of it is known to be ours.
  const indexFile = join(dirname(tree), 'index')
  const options = { gitDir: from.savedDir, workTree: tree, indexFile }
  await git([...SAVING_CONFIG, 'read-tree', saved], options)
  await git([...SAVING_CONFIG, 'checkout-index', '--all', '--force'], options)
  rmSync(indexFile, { force: true })
}
