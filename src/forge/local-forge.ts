import type { RepoConfig } from '../contracts/compiled-manifest.ts'
import type { Fence } from '../contracts/fence.ts'
import { PullId } from '../contracts/ids.ts'
import { type MergeOutcome, Pull, PullFacts } from '../contracts/pull.ts'
import type { RecordStore } from '../contracts/store.ts'
import { systemClock } from '../platform/clock.ts'
import { failPoint } from '../platform/fail-point.ts'
import { GitError } from '../platform/git-error.ts'
import type { Forge } from './forge.ts'
import { ForgeFailure } from './forge-failure.ts'
import { buildMerge, moveBase, movedOutcome } from './local-merge.ts'
import { branchHeads, isBranchName, localRemote } from './local-remote.ts'
import { commentOnPull, readComments } from './pull-comments.ts'
import { changePull, listPullRecords, pullIdOf, readPullRecord } from './pull-records.ts'

export interface LocalForgeOptions {
  readonly records: RecordStore
  readonly repos: Readonly<Record<string, Pick<RepoConfig, 'key' | 'url'>>>
  /** Who writes, as the journal names it. */
  readonly writer: string
}

/**
 * The forge of one machine: pull requests are records of ours, branches and merges are those of a bare repository on
 * disk. Merging is a real merge there, with a compare-and-set on head and base in one transaction.
 */
export const localForge = ({ records, repos, writer }: LocalForgeOptions): Forge => {
  const remoteOf = (repo: string): string => {
    const config = repos[repo]
    if (config === undefined) {
      throw new ForgeFailure('invalid_task', `repository "${repo}" is not in the manifest`)
    }
    return localRemote(repo, config.url)
  }
  const by = (fence: Fence) => ({ fence, writer, nowMs: systemClock.wallMs() })
  const pullOf = async (id: string): Promise<Pull> => {
    const pull = await readPullRecord(records, id)
    if (pull === null) throw new ForgeFailure('publish_failed', `${id}: there is no such pull request`)
    return pull
  }
  const recordMerge = (pull: Pull, outcome: MergeOutcome, headSha: string, fence: Fence) =>
    outcome.outcome !== 'merged'
      ? null
      : changePull(
          records,
          pull.id,
          (current) =>
            current === null || current.state === 'merged'
              ? null
              : {
                  pull: Pull.parse({ ...current, state: 'merged', headSha, mergeSha: outcome.sha }),
                  event: 'pull.merged',
                },
          by(fence),
        )

  return {
    openPull: async (input, fence) => {
      for (const branch of [input.headBranch, input.baseBranch]) {
        if (!isBranchName(branch))
          throw new ForgeFailure('invalid_task', `not a branch name: ${JSON.stringify(branch)}`)
      }
      const id = pullIdOf(input.repo, input.headBranch)
      const url = `${remoteOf(input.repo)}#${input.headBranch}`
      await fence.check()
      const opened = Pull.parse({ ...input, id, state: 'open', mergeSha: null, url })
      return changePull(
        records,
        id,
        (current) =>
          current === null || current.state === 'closed' ? { pull: opened, event: 'pull.opened' } : null,
        by(fence),
      )
    },

    findPull: (repo, headBranch) => readPullRecord(records, pullIdOf(repo, headBranch)),

    readPull: async (pullId) => {
      const pull = await pullOf(pullId)
      const heads = await branchHeads(remoteOf(pull.repo), [pull.headBranch, pull.baseBranch])
      const headSha = heads.get(pull.headBranch) ?? (pull.state === 'open' ? undefined : pull.headSha)
      const baseSha = heads.get(pull.baseBranch)
      if (headSha === undefined || baseSha === undefined) {
        const gone = headSha === undefined ? pull.headBranch : pull.baseBranch
        throw new ForgeFailure('publish_failed', `${pullId}: branch ${gone} does not exist on the remote`)
      }
      return PullFacts.parse({ pull: { ...pull, headSha }, headSha, baseSha })
    },

    listPulls: (query) => listPullRecords(records, query),

    comment: async (pullId, comment, fence) => {
      await pullOf(pullId)
      await fence.check()
      return commentOnPull(records, pullId, comment, by(fence))
    },

    comments: (pullId) => readComments(records, pullId),

    merge: async (input, fence) => {
      const pull = await pullOf(input.pullId)
      if (pull.state === 'closed') return { outcome: 'closed', reason: `${pull.id} was closed` }
      if (pull.mergeSha !== null && pull.headSha === input.headSha)
        return { outcome: 'merged', sha: pull.mergeSha }
      if (pull.mergeSha !== null)
        return { outcome: 'closed', reason: `${pull.id} was merged at ${pull.headSha}` }
      const remote = remoteOf(pull.repo)
      const built = await buildOrMoved(remote, pull, input)
      if ('outcome' in built) return built
      await fence.check()
      failPoint('merge.before')
      const outcome = await moveBase(remote, pull, input, built.sha)
      failPoint('merge.after')
      await recordMerge(pull, outcome, input.headSha, fence)
      return outcome
    },

    reconcileMerge: async (input, fence) => {
      const pull = await pullOf(input.pullId)
      const remote = remoteOf(pull.repo)
      const built = await buildOrMoved(remote, pull, input)
      if ('outcome' in built) return null
      const outcome = await movedOutcome(remote, pull, input, built.sha)
      if (outcome?.outcome !== 'merged') return null
      await recordMerge(pull, outcome, input.headSha, fence)
      return outcome
    },

    close: async (pullId, reason, fence) => {
      await fence.check()
      const id = PullId.parse(pullId)
      const closed = await changePull(
        records,
        id,
        (current) =>
          current?.state === 'open' ? { pull: { ...current, state: 'closed' }, event: 'pull.closed' } : null,
        by(fence),
      )
      await commentOnPull(records, id, { mark: 'closed', text: reason }, by(fence))
      return closed
    },
  }
}

/** The merge commit, or the outcome where there is none to make. */
const buildOrMoved = async (
  remote: string,
  pull: Pull,
  input: Parameters<Forge['merge']>[0],
): Promise<{ readonly sha: string } | MergeOutcome> => {
  try {
    const built = await buildMerge(remote, pull, input)
    if ('sha' in built) return built
    const moved = await movedOutcome(remote, pull, input, null)
    return moved ?? { outcome: 'conflict', reason: built.conflict }
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    // Without one of the commits there is nothing to merge; the remote says which branch went elsewhere.
    const moved = await movedOutcome(remote, pull, input, null)
    if (moved !== null) return moved
    throw new ForgeFailure('publish_failed', `${pull.id} cannot be merged: ${error.message}`, {
      cause: error,
    })
  }
}
