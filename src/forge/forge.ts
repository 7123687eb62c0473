import type { EffectInput } from '../contracts/effect-io.ts'
import type { Fence } from '../contracts/fence.ts'
import type { MergeOutcome, Pull, PullFacts } from '../contracts/pull.ts'

/** What we wrote under a pull request; `mark` makes it unique there. */
export interface PullComment {
  readonly mark: string
  readonly text: string
  readonly atMs: number
}

/**
 * Where pull requests live. Every write carries the fence of the actor it belongs to, which is checked immediately
 * before it; every write may be repeated. Errors are ForgeFailure, a lost lease is the fence's StaleOwnerError.
 */
export interface Forge {
  /** Opens the pull request of a head branch, or answers with the one there is. Reopens one that was closed. */
  openPull(input: EffectInput<'openPull'>, fence: Fence): Promise<Pull>
  /** The pull request of a head branch; null where there is none. Reconciles `openPull`. */
  findPull(repo: string, headBranch: string): Promise<Pull | null>
  /** The pull request, and where the remote itself says that its branches are. */
  readPull(pullId: string): Promise<PullFacts>
  listPulls(query: {
    readonly repo?: string
    readonly state?: Pull['state']
    readonly after?: string
    readonly limit: number
  }): Promise<Pull[]>
  /** Comments once for each mark, however often it is asked to. */
  comment(
    pullId: string,
    comment: Pick<PullComment, 'mark' | 'text'>,
    fence: Fence,
  ): Promise<{ posted: boolean }>
  comments(pullId: string): Promise<PullComment[]>
  /**
   * Merges only if both the head and the base are where `input` says; everything but `merged` changed nothing. The
   * same input gives the same commit, so that an interrupted merge is recognised.
   */
  merge(input: EffectInput<'mergePull'>, fence: Fence): Promise<MergeOutcome>
  /** Whether this very merge has happened; null: it has not. */
  reconcileMerge(input: EffectInput<'mergePull'>, fence: Fence): Promise<MergeOutcome | null>
  close(pullId: string, reason: string, fence: Fence): Promise<Pull>
}
