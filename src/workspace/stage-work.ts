import { existsSync, rmSync } from 'node:fs'
import type { Workspace } from '../contracts/work.ts'
import { git } from '../platform/git.ts'
import { randomHex } from '../platform/random.ts'
import type { attemptFolder } from './attempt-folder.ts'
import { copyIndex } from './copy-index.ts'
import { displayPath, quotePath, unquotePath } from './quote-path.ts'

export interface StagedWork {
  readonly tree: string
  /** Repositories that somebody made inside the work tree; git would not look into them, so their files are not staged. */
  readonly nested: readonly string[]
}

/**
 * Writes the work tree as it is now into the mirror as a tree object, with our own index. The agent's `.git`, its
 * commits, index, excludes and configuration have no say. `git add` is avoided on purpose: for a submodule it runs
 * `git status` under the configuration found there.
 */
export const stageWork = async (input: {
  readonly mirror: string
  readonly folder: ReturnType<typeof attemptFolder>
  readonly workspace: Workspace
}): Promise<StagedWork> => {
  // A git of ours that outlives a killed lane for a moment must not write into the index of whoever comes next.
  const index = `${input.folder.index}.${randomHex(4)}`
  try {
    return await stageInto(index, input)
  } finally {
    for (const file of [index, `${index}.lock`]) rmSync(file, { force: true })
  }
}

const stageInto = async (
  indexFile: string,
  { mirror, folder, workspace }: Parameters<typeof stageWork>[0],
): Promise<StagedWork> => {
  const options = { gitDir: mirror, workTree: folder.tree, indexFile }
  if (existsSync(folder.baseIndex)) copyIndex(folder.baseIndex, indexFile)
  else await git(['read-tree', workspace.startSha], options)

  const listed = await git(['ls-files', '-t', '-o', '-m', '-d', '--exclude-standard'], options)
  const { tracked, untracked, nested } = readListing(listed.stdout)
  const paths = [...tracked, ...untracked]
  if (paths.length > 0) {
    const lines = paths.map((path) => `${quotePath(path)}\n`).join('')
    await git(['update-index', '--add', '--remove', '--replace', '--stdin'], { ...options, input: lines })
  }
  const written = await git(['write-tree'], options)
  return { tree: written.stdout.trim(), nested: nested.map(displayPath) }
}

/**
 * Sorts what differs from the index. Tracked paths come first, so that a file replaced by a folder is gone before the
 * folder's files arrive; a tracked path below one that is now a file or symbolic link vanishes with `--replace`.
 */
const readListing = (
  text: string,
): { tracked: Iterable<string>; untracked: Iterable<string>; nested: string[] } => {
  const tracked = new Set<string>()
  const untracked = new Set<string>()
  const nested: string[] = []
  for (const line of text.split('\n')) {
    const path = unquotePath(line.slice(2))
    if (line.startsWith('? ') && path.endsWith('/')) nested.push(path.slice(0, -1))
    else if (line.startsWith('? ')) untracked.add(path)
    else if (line !== '') tracked.add(path)
  }
  for (const path of tracked)
    if (parentsOf(path).some((parent) => untracked.has(parent))) tracked.delete(path)
  return { tracked, untracked, nested }
}

const parentsOf = (path: string): string[] => {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
