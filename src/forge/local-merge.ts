import { lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EffectInput } from '../contracts/effect-io.ts'
import type { MergeOutcome, Pull } from '../contracts/pull.ts'
import { systemClock } from '../platform/clock.ts'
import { git } from '../platform/git.ts'
import { GitError } from '../platform/git-error.ts'
import { ForgeFailure } from './forge-failure.ts'
import { branchHeads } from './local-remote.ts'

type MergeInput = EffectInput<'mergePull'>

/** No git holds a ref's lock for so long. */
const STALE_LOCK_MS = 60_000

/** The commit a merge makes, or why it makes none. */
export type BuiltMerge = { readonly sha: string } | { readonly conflict: string }

/**
 * Writes the merge commit into the remote's object store; no branch moves. The same input gives the same commit: its
 * dates are given, its message ends in trailers that name task, pull request and head.
 * @throws GitError when the remote does not have both commits.
 */
export const buildMerge = async (remote: string, pull: Pull, input: MergeInput): Promise<BuiltMerge> => {
  const { headSha, baseSha, nowMs, method } = input
  const merged = await git(['merge-tree', '--write-tree', '--no-messages', '--name-only', baseSha, headSha], {
    gitDir: remote,
    okExitCodes: [0, 1],
  })
  const [tree = '', ...conflicts] = merged.stdout.trim().split('\n')
  if (merged.exitCode === 1) return { conflict: `conflicts in ${conflicts.slice(0, 10).join(', ')}` }
  const date = `${Math.floor(nowMs / 1000)} +0000`
  const parents = method === 'squash' ? [baseSha] : [baseSha, headSha]
  const { stdout } = await git(['commit-tree', ...parents.flatMap((sha) => ['-p', sha]), '-F', '-', tree], {
    gitDir: remote,
    input: `${input.message.trim()}\n\nTask: ${pull.taskId}\nPull-Request: ${pull.id}\nHead: ${headSha}\n`,
    env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  })
  return { sha: stdout.trim() }
}

/**
 * Moves the base branch to the merge commit in one transaction that also holds the head branch in place: a
 * compare-and-set on both. What went wrong is read from the remote afterwards.
 * @throws ForgeFailure `publish_failed` when the remote refuses although both are where they should be.
 */
export const moveBase = async (
  remote: string,
  pull: Pull,
  input: MergeInput,
  sha: string,
): Promise<MergeOutcome> => {
  const commands = [
    `verify refs/heads/${pull.headBranch} ${input.headSha}\n`,
    `update refs/heads/${pull.baseBranch} ${sha} ${input.baseSha}\n`,
  ].join('')
  for (let tries = 1; ; tries += 1) {
    try {
      await git(['update-ref', '-m', `merge ${pull.id}`, '--stdin'], { gitDir: remote, input: commands })
      return { outcome: 'merged', sha }
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      const moved = await movedOutcome(remote, pull, input, sha)
      if (moved !== null) return moved
      if (tries === 5) throw refused(pull, error)
      // Both are where they should be: somebody else held a ref's lock for a moment, or died with it.
      removeStaleLocks(remote, [pull.headBranch, pull.baseBranch])
      await systemClock.sleep(100 * tries)
    }
  }
}

/** Removes the locks that a killed git left on these branches; a living one holds them for milliseconds. */
const removeStaleLocks = (remote: string, branches: readonly string[]): void => {
  for (const branch of branches) {
    const lock = join(remote, 'refs', 'heads', `${branch}.lock`)
    const found = lstatSync(lock, { throwIfNoEntry: false })
    if (found?.isFile() && systemClock.wallMs() - found.mtimeMs > STALE_LOCK_MS) rmSync(lock, { force: true })
  }
}

/** What the remote says about a merge that did not go through, or may have before; null: both branches are as expected. */
export const movedOutcome = async (
  remote: string,
  pull: Pull,
  input: MergeInput,
  sha: string | null,
): Promise<MergeOutcome | null> => {
  const heads = await branchHeads(remote, [pull.headBranch, pull.baseBranch])
  const [head, base] = [heads.get(pull.headBranch), heads.get(pull.baseBranch)]
  if (base === undefined) return { outcome: 'closed', reason: `base branch ${pull.baseBranch} is gone` }
  if (sha !== null && (await contains(remote, base, sha))) return { outcome: 'merged', sha }
  if (head === undefined) return { outcome: 'closed', reason: `head branch ${pull.headBranch} is gone` }
  if (head !== input.headSha) return { outcome: 'head_moved', headSha: head }
  return base === input.baseSha ? null : { outcome: 'base_moved', baseSha: base }
}

const contains = async (remote: string, branchSha: string, sha: string): Promise<boolean> => {
  if (branchSha === sha) return true
  const { exitCode } = await git(['merge-base', '--is-ancestor', sha, branchSha], {
    gitDir: remote,
    okExitCodes: [0, 1],
  })
  return exitCode === 0
}

const refused = (pull: Pull, cause: GitError): ForgeFailure =>
  new ForgeFailure(
    'publish_failed',
    `${pull.id}: the remote refused to move ${pull.baseBranch}: ${cause.message}`,
    {
      cause,
    },
  )
