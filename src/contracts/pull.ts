import { z } from 'zod'
import { Operator } from './gate.ts'
import { Key, PullId, Sha, TaskId } from './ids.ts'

/** A pull request as the forge tells it. Unique by head branch. */
export const Pull = z.object({
  id: PullId,
  repo: Key,
  taskId: TaskId,
  title: z.string(),
  body: z.string(),
  headBranch: z.string().min(1),
  baseBranch: z.string().min(1),
  state: z.enum(['open', 'merged', 'closed']),
  headSha: Sha,
  /** The merge commit, once merged. */
  mergeSha: Sha.nullable(),
  url: z.string(),
})
export type Pull = z.infer<typeof Pull>

/** What a forge says about an open pull request now. */
export const PullFacts = z.object({ pull: Pull, headSha: Sha, baseSha: Sha })
export type PullFacts = z.infer<typeof PullFacts>

export const MERGE_METHODS = ['squash', 'merge'] as const
export const MergeMethod = z.enum(MERGE_METHODS)
export type MergeMethod = z.infer<typeof MergeMethod>

/** The outcome of one compare-and-set merge. Everything but `merged` changed nothing. */
export const MergeOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('merged'), sha: Sha }),
  z.object({ outcome: z.literal('head_moved'), headSha: Sha }),
  z.object({ outcome: z.literal('base_moved'), baseSha: Sha }),
  z.object({ outcome: z.literal('conflict'), reason: z.string() }),
  z.object({ outcome: z.literal('closed'), reason: z.string() }),
])
export type MergeOutcome = z.infer<typeof MergeOutcome>

/** A review's judgement of one head on one base, computed from typed facts only. */
export const Verdict = z.object({
  decision: z.enum(['approve', 'revise', 'reject']),
  headSha: Sha,
  baseSha: Sha,
  patchId: z.string().min(1),
  reasons: z.array(z.string()),
})
export type Verdict = z.infer<typeof Verdict>

/** How a pull request may be merged, fixed when its run began. */
export const ReviewTerms = z.object({
  merge: z.enum(['manual', 'auto']),
  mergeMethod: MergeMethod,
  onHumanTimeout: z.enum(['remind', 'merge', 'requeue']),
  humanTimeoutMs: z.number().int().positive(),
  requireExplicitApproval: z.boolean(),
  maxRevisions: z.number().int().nonnegative(),
  operators: z.array(Operator),
  signing: z.enum(['required', 'optional']),
  gateExpiresAfterMs: z.number().int().positive(),
})
export type ReviewTerms = z.infer<typeof ReviewTerms>
