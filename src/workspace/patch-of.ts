import { git } from '../platform/git.ts'
import { sha256 } from '../platform/sha256.ts'

/** The change from one commit or tree to another. */
export interface Patch {
  readonly text: string
  /** `git patch-id --stable`: the same change on another base has the same. */
  readonly patchId: string
}

/**
 * The patch between two commits or trees of a bare repository. Run without a work tree, so that no attributes of the
 * content take part; renames are a deletion and an addition.
 * @throws GitError when it is larger than 64 MiB.
 */
export const patchOf = async (gitDir: string, from: string, to: string): Promise<Patch> => {
  const args = ['diff-tree', '-r', '-p', '--full-index', '--no-renames', '--no-ext-diff', '--no-textconv']
  const { stdout: text } = await git([...args, from, to], { gitDir })
  const { stdout } = await git(['patch-id', '--stable'], { gitDir, input: text })
  // Where git counts nothing as a change of content (an empty patch), the text itself tells patches apart.
  return { text, patchId: stdout.split(' ')[0]?.trim() || sha256(text) }
}
