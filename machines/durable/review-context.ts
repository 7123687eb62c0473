import { z } from 'zod'
import { CheckReport } from '../../src/contracts/checks.ts'
import { GateId, Key, ReviewId, RunId, Sha, TaskId } from '../../src/contracts/ids.ts'
import { LaneName } from '../../src/contracts/lane-name.ts'
import { ReviewTerms, Verdict } from '../../src/contracts/pull.ts'
import { Stamp } from './durable-event.ts'
import { Published } from './task-context.ts'
import { Trouble } from './trouble.ts'

const FromTask = z.object({
  reviewId: ReviewId,
  taskId: TaskId,
  /** The lane that holds the task. */
  taskQueue: LaneName,
  runId: RunId,
  terms: ReviewTerms,
  ...Published.shape,
})

/** What a task hands over with `startActor`; the host adds the stamp. */
export const ReviewInput = z.object({ ...FromTask.shape, ...Stamp.shape })
export type ReviewInput = z.infer<typeof ReviewInput>
export type ReviewStart = z.infer<typeof FromTask>

/** What would be merged now. `report` is of the merge result, and present only where the base is not the one the work was checked on. */
export const Candidate = z.object({
  headSha: Sha,
  baseSha: Sha,
  patchId: z.string().min(1),
  report: CheckReport.nullable(),
})
export type Candidate = z.infer<typeof Candidate>

const count = z.number().int().nonnegative()

export const ReviewContext = z.object({
  ...FromTask.shape,
  /** The last judgement; it holds for its head only. */
  verdict: Verdict.nullable(),
  candidate: Candidate.nullable(),
  /** Binds head and patch. `by` is null where the repository lets silence approve. */
  approval: z
    .object({ gateId: GateId, by: Key.nullable(), headSha: z.string(), patchId: z.string() })
    .nullable(),
  gateId: GateId.nullable(),
  gateNo: count,
  reminders: count,
  revisions: count,
  /** How often head or base moved under a merge since the last revision. */
  moves: count,
  mergedSha: Sha.nullable(),
  /** The task wants no merge any more; the forge is asked one last time what is true. */
  cancelling: z.boolean(),
  trouble: Trouble.nullable(),
})
export type ReviewContext = z.infer<typeof ReviewContext>

/** The context a review starts with. */
export const startedReview = (input: ReviewInput): ReviewContext => ({
  ...FromTask.parse(input),
  verdict: null,
  candidate: null,
  approval: null,
  gateId: null,
  gateNo: 0,
  reminders: 0,
  revisions: 0,
  moves: 0,
  mergedSha: null,
  cancelling: false,
  trouble: null,
})
