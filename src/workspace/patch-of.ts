import { git } from '../platform/git.ts'
import { sha256 } from '../platform/sha256.ts'

/** The change from one commit or tree to another. */
export interface Patch {
  readonly text: string
  /** `git patch-id --stable`: the same change on another base has the same. */
  readonly patchId: string
}

/**
 * The patch between two commits or trees of a bare repository.
 * @throws GitError when it is larger than 64 MiB.
 */
export const patchOf = async (gitDir: string, from: string, to: string): Promise<Patch> => {
  const text = await patchText(gitDir, from, to)
  return { text, patchId: await patchIdOf(gitDir, text) }
}

/**
 * Its text alone. Run without a work tree, so that no attributes of the content take part; renames are a deletion and
 * an addition.
 */
export const patchText = async (gitDir: string, from: string, to: string): Promise<string> => {
  const args = ['diff-tree', '-r', '-p', '--full-index', '--no-renames', '--no-ext-diff', '--no-textconv']
  return (await git([...args, from, to], { gitDir })).stdout
}

/** The id of a patch by its text. */
export const patchIdOf = async (gitDir: string, text: string): Promise<string> => {
  const { stdout } = await git(['patch-id', '--stable'], { gitDir, input: text })
  // Where git counts nothing as a change of content (an empty patch), the text itself tells patches apart.
  return stdout.split(' ')[0]?.trim() || sha256(text)
}
