import { git } from '../platform/git.ts'

/**
 * Puts files of a clone of ours back as another commit has them, in its work tree and in its index, so that git shows no
 * difference there. Files that commit does not have stay as they are.
 * @returns the files that were put back
 */
export const restoreFromBase = async (input: {
  readonly clone: string
  readonly baseSha: string
  readonly paths: readonly string[]
}): Promise<string[]> => {
  const { clone, baseSha, paths } = input
  // Names are names: no pattern of git's in them means anything.
  const options = { cwd: clone, env: { GIT_LITERAL_PATHSPECS: '1' } }
  const listed = await git(['ls-tree', '-r', '-z', '--name-only', '--full-tree', baseSha], options)
  const known = new Set(listed.stdout.split('\0'))
  const there = paths.filter((path) => known.has(path))
  if (there.length === 0) return []
  await git(['checkout', '--quiet', '--pathspec-from-file=-', '--pathspec-file-nul', baseSha], {
    ...options,
    input: there.join('\0'),
  })
  return there
}
