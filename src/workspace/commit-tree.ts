import { git } from '../platform/git.ts'

/**
 * Writes a commit object. The same input gives the same commit, on every machine and in every repetition: author,
 * committer and dates are ours and given.
 */
export const commitTree = async (input: {
  readonly gitDir: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
  readonly nowMs: number
}): Promise<string> => {
  const date = `${Math.floor(input.nowMs / 1000)} +0000`
  const parents = input.parents.flatMap((parent) => ['-p', parent])
  const { stdout } = await git(['commit-tree', ...parents, '-F', '-', input.tree], {
    gitDir: input.gitDir,
    input: input.message.endsWith('\n') ? input.message : `${input.message}\n`,
    env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  })
  return stdout.trim()
}
