import { z } from 'zod'
import { AgentOutcome } from '../../src/contracts/agent-run.ts'
import { CheckReport } from '../../src/contracts/checks.ts'
import { AgentSession, EFFECT_IO, PriorFailure, Revision } from '../../src/contracts/effect-io.ts'
import { Blocked, Failure } from '../../src/contracts/failure.ts'
import { AttemptId, GateId, ReviewId, RunId, Sha, Sha256, TaskId } from '../../src/contracts/ids.ts'
import { LaneName } from '../../src/contracts/lane-name.ts'
import { Decision, Proposal } from '../../src/contracts/planning.ts'
import { PolicyDecision } from '../../src/contracts/policy-decision.ts'
import { Pull, ReviewTerms } from '../../src/contracts/pull.ts'
import { BoardState, TaskSpec } from '../../src/contracts/task.ts'
import { Measurement, WorkCommit, Workspace } from '../../src/contracts/work.ts'
import { Stamp } from './durable-event.ts'
import { MoveTarget } from './task-events.ts'
import { Trouble } from './trouble.ts'

/** What a claim starts a task with; the host adds the stamp. */
export const TaskInput = z.object({ spec: TaskSpec, runId: RunId, lane: LaneName, ...Stamp.shape })
export type TaskInput = z.infer<typeof TaskInput>

/** The attempt under way. There is never a second one: a new one begins only after this was released. */
export const Attempt = z.object({
  id: AttemptId,
  n: z.number().int().positive(),
  workspace: Workspace.nullable(),
  outcome: AgentOutcome.nullable(),
  measurement: Measurement.nullable(),
  policy: PolicyDecision.nullable(),
  checks: CheckReport.nullable(),
  pull: Pull.nullable(),
  failure: Failure.nullable(),
  /** Its evidence could not be written. */
  unrecorded: z.boolean(),
})
export type Attempt = z.infer<typeof Attempt>

/** How the last attempt ended. */
const Settled = z.object({
  ending: z.enum(['passed', 'failed', 'interrupted', 'deferred', 'unrecorded']),
  failure: Failure.nullable(),
})

/** What passed and lies published: the subject of the review. */
export const Published = z.object({
  attemptId: AttemptId,
  commit: WorkCommit,
  checks: CheckReport,
  pull: Pull,
  /** Why the policy wants a person before the merge; empty where it does not. */
  policyReview: z.array(z.string()),
})
export type Published = z.infer<typeof Published>

const count = z.number().int().nonnegative()

export const TaskContext = z.object({
  spec: TaskSpec,
  runId: RunId,
  lane: LaneName,
  proposal: Proposal.nullable(),
  proposalHash: Sha256.nullable(),
  decision: Decision.nullable(),
  planPolicy: PolicyDecision.nullable(),
  /** Whether policy and people let attempts begin on this plan. */
  cleared: z.boolean(),
  limits: EFFECT_IO.plan.output.shape.limits.nullable(),
  terms: ReviewTerms.nullable(),
  /** Counts every attempt of this task for ever: part of their ids. */
  attemptNo: count,
  attempt: Attempt.nullable(),
  settled: Settled.nullable(),
  /** Attempts that ended by themselves without success since a person or a review last asked. */
  failed: count,
  /** Attempts in a row that something outside ended; they never count as failed. */
  interrupted: count,
  /** Attempts in a row that money, a quota or a window put off; they never count as failed either. */
  deferred: count,
  /** How long the last deferral puts the task off, in ms. */
  deferralMs: count,
  /** A person asked for the next attempt. */
  insisted: z.boolean(),
  /** Which agent is next: 0 is the one decided on, 1 its first fallback. */
  agentNo: count,
  /** What the last attempt broke off in, where it can be gone on with. */
  session: AgentSession.nullable(),
  answer: z.object({ by: z.string(), text: z.string() }).nullable(),
  /** The last words of the last attempt that ended without success. */
  handoff: z.string().max(8000).nullable(),
  priorFailures: z.array(PriorFailure),
  revision: Revision.nullable(),
  revisions: count,
  published: Published.nullable(),
  reviewId: ReviewId.nullable(),
  reviewNo: count,
  /** Whether the review may judge the same pull request again when a person retries. */
  reviewResumes: z.boolean(),
  requeues: count,
  startGate: GateId.nullable(),
  startGateNo: count,
  mergedSha: Sha.nullable(),
  /** The `test` task that verifies a merged goal. */
  verification: TaskId.nullable(),
  verificationNo: count,
  /** The goal that is to fix what this `test` task found. */
  fix: TaskId.nullable(),
  fixNo: count,
  blocked: Blocked.nullable(),
  blockedNo: count,
  /** Why the task is to end or be set aside: `cancelled`, a person `moved` its card, or `asked` that we move it. */
  ending: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('cancelled'), by: z.string() }),
      z.object({ kind: z.literal('moved'), to: BoardState }),
      z.object({ kind: z.literal('asked'), to: MoveTarget, by: z.string(), reason: z.string() }),
    ])
    .nullable(),
  /** The run under which a lane claimed the task again, before it was taken up. */
  claim: RunId.nullable(),
  trouble: Trouble.nullable(),
  /** What a person should know though it stops nothing: unsaved workspaces, by path. The last twenty. */
  warnings: z.array(z.string()).max(20),
})
export type TaskContext = z.infer<typeof TaskContext>

/** The context a task starts with. */
export const startedTask = ({ spec, runId, lane }: TaskInput): TaskContext => ({
  spec,
  runId,
  lane,
  proposal: null,
  proposalHash: null,
  decision: null,
  planPolicy: null,
  cleared: false,
  limits: null,
  terms: null,
  attemptNo: 0,
  attempt: null,
  settled: null,
  failed: 0,
  interrupted: 0,
  deferred: 0,
  deferralMs: 0,
  insisted: false,
  agentNo: 0,
  session: null,
  answer: null,
  handoff: null,
  priorFailures: [],
  revision: null,
  revisions: 0,
  published: null,
  reviewId: null,
  reviewNo: 0,
  reviewResumes: false,
  requeues: 0,
  startGate: null,
  startGateNo: 0,
  mergedSha: null,
  verification: null,
  verificationNo: 0,
  fix: null,
  fixNo: 0,
  blocked: null,
  blockedNo: 0,
  ending: null,
  claim: null,
  trouble: null,
  warnings: [],
})

/** A part of the context that a step cannot do without. @throws Error naming the part: the chart was wired wrongly. */
export const present = <T>(value: T | null, part: string): T => {
  if (value === null) throw new Error(`the task has no ${part} yet`)
  return value
}
