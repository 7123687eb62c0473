import { lstatSync } from 'node:fs'
import type { ChangedFile, Measurement, Workspace } from '../contracts/work.ts'
import { failPoint } from '../platform/fail-point.ts'
import { git } from '../platform/git.ts'
import { GitError } from '../platform/git-error.ts'
import { attemptFolder, attemptRef, attemptRefs } from './attempt-folder.ts'
import { commitTree } from './commit-tree.ts'
import { diffStat, parseDiff } from './parse-diff.ts'
import { patchIdOf, patchText } from './patch-of.ts'
import { removeRefLocks } from './remove-ref-locks.ts'
import { type StagedWork, stageWork } from './stage-work.ts'

/** How much of a patch is kept as evidence. */
const PATCH_CHARS = 1024 * 1024

export interface MeasuredWork {
  readonly measurement: Measurement
  /** The patch base..commit for evidence, cut after 1 MiB; empty where there is no commit. */
  readonly patch: string
}

/**
 * Finds out what an attempt changed, from the files as they lie there, and commits it on top of where the attempt
 * began. Only content counts: neither the agent's own commits nor anything in its `.git`. Scope is the difference to
 * the base, so for a revision it is the whole pull request. Repeating it gives the same commit.
 * A tree that cannot be read without loss or guessing (a path that is no UTF-8, names git refuses) is `UNKNOWN`.
 */
export const measureWork = async (input: {
  readonly attemptId: string
  readonly mirror: string
  readonly workspacesDir: string
  readonly workspace: Workspace
  readonly message: string
  readonly nowMs: number
}): Promise<MeasuredWork> => {
  const { mirror, workspace, message, nowMs } = input
  const folder = attemptFolder(input.workspacesDir, input.attemptId)
  if (!lstatSync(folder.tree, { throwIfNoEntry: false })?.isDirectory()) {
    return unknown(`${folder.tree} is no folder any more`)
  }
  const { baseSha, startSha } = workspace
  const staged = await unlessUnreadable(stageWork({ mirror, folder, workspace }))
  if ('unreadable' in staged) return unknown(staged.unreadable)
  // Side by side: a commit is an object that nobody knows of until a ref names it.
  const [read, sha] = await Promise.all([
    unlessUnreadable(readChange(mirror, workspace, staged)),
    commitTree({ gitDir: mirror, tree: staged.tree, parents: [startSha], message, nowMs }),
  ])
  if ('unreadable' in read) return unknown(read.unreadable)
  const { files, patch } = read
  if (patch === null) return nothing

  removeRefLocks(mirror, attemptRefs(input.attemptId))
  const [patchId] = await Promise.all([
    patchIdOf(mirror, patch),
    git(['update-ref', attemptRef(input.attemptId, 'work'), sha], { gitDir: mirror }),
  ])
  failPoint('work.committed')
  const commit = { sha, tree: staged.tree, baseSha, patchId }
  return {
    measurement: { changed: { status: 'KNOWN', source: 'git', files }, commit, diffStat: diffStat(files) },
    patch: patch.length > PATCH_CHARS ? `${patch.slice(0, PATCH_CHARS)}\n[cut]\n` : patch,
  }
}

/** What git refuses here is in the content, so that is an answer: it cannot be read without loss. */
const unlessUnreadable = async <T extends object>(
  reading: Promise<T>,
): Promise<T | { unreadable: string }> => {
  try {
    return await reading
  } catch (error) {
    if (error instanceof GitError) return { unreadable: error.message }
    throw error
  }
}

interface Change {
  readonly files: ChangedFile[]
  /** Null where there is nothing to commit. */
  readonly patch: string | null
}

/** Reads all that differs from the base, or says why that cannot be done without loss. */
const readChange = async (
  mirror: string,
  { baseSha, startSha }: Workspace,
  { tree, nested }: StagedWork,
): Promise<Change | { unreadable: string }> => {
  const [changed, patch, isNew] = await Promise.all([
    changedFiles(mirror, baseSha, tree),
    patchText(mirror, baseSha, tree),
    startSha === baseSha || differs(mirror, startSha, tree),
  ])
  if (changed.length === 0 || !isNew) return { files: [], patch: null }
  const files = [...changed, ...nested.map(nestedRepository)]
  const odd = files.find((file) => file.path.includes('\ufffd'))
  if (odd) return { unreadable: `a changed path is not UTF-8: ${JSON.stringify(odd.path)}` }
  return { files, patch }
}

const nothing: MeasuredWork = {
  measurement: { changed: { status: 'NONE', source: 'git' }, commit: null, diffStat: '' },
  patch: '',
}

const unknown = (reason: string): MeasuredWork => ({
  measurement: { changed: { status: 'UNKNOWN', reason: reason.slice(0, 1_900) }, commit: null, diffStat: '' },
  patch: '',
})

const differs = async (mirror: string, from: string, tree: string): Promise<boolean> => {
  const { exitCode } = await git(['diff-tree', '-r', '--quiet', from, tree], {
    gitDir: mirror,
    okExitCodes: [0, 1],
  })
  return exitCode === 1
}

const changedFiles = async (mirror: string, from: string, to: string): Promise<ChangedFile[]> => {
  const args = [
    'diff-tree',
    '-r',
    '-z',
    '--raw',
    '--numstat',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
  ]
  const { stdout } = await git([...args, from, to], { gitDir: mirror })
  return parseDiff(stdout)
}

/** Its files are not in the commit, but scope must show it: a submodule that nobody else could check out. */
const nestedRepository = (path: string): ChangedFile => ({
  path,
  change: 'added',
  kind: 'submodule',
  linesAdded: null,
  linesRemoved: null,
})
