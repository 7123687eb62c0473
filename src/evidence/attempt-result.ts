import { z } from 'zod'
import { AgentOutcome, Containment, Usage } from '../contracts/agent-run.ts'
import { Failure } from '../contracts/failure.ts'
import { AttemptId, Key, RunId, TaskId } from '../contracts/ids.ts'
import { LaneName } from '../contracts/lane-name.ts'
import { PolicyStatus } from '../contracts/policy-decision.ts'
import { Pull } from '../contracts/pull.ts'
import { WorkCommit } from '../contracts/work.ts'

/**
 * - `refused`: policy or validation said no before anything ran.
 * - `not_executed`: it ended before its agent started, for another reason.
 * - `interrupted`: killed from outside; never counts as an attempt.
 */
const ATTEMPT_STATUSES = [
  'succeeded',
  'failed',
  'refused',
  'not_executed',
  'interrupted',
  'cancelled',
] as const

/** `result.json`: what one attempt came to, as facts. */
export const AttemptResult = z.object({
  v: z.literal(1),
  runId: RunId,
  attemptId: AttemptId,
  attempt: z.number().int().positive(),
  task: z.object({ id: TaskId, title: z.string(), repo: Key }),
  lane: LaneName.nullable(),
  agent: z.object({ key: Key, type: z.string(), model: z.string().nullable() }).nullable(),
  status: z.enum(ATTEMPT_STATUSES),
  success: z.boolean(),
  /** Whether an agent was started. */
  executed: z.boolean(),
  exit: z
    .object({
      code: AgentOutcome.shape.exitCode,
      signal: z.string().nullable(),
      stopReason: AgentOutcome.shape.stopReason,
    })
    .nullable(),
  failure: Failure.nullable(),
  policy: PolicyStatus.nullable(),
  durationMs: z.number().int().nullable(),
  /** `usd` null: what it cost is not known. */
  usage: Usage.extend({ usd: Usage.shape.usd.nullable() }).nullable(),
  containment: Containment.nullable(),
  /** True where the agent only replayed a recording. */
  recorded: z.boolean(),
  changedFiles: z.object({
    status: z.enum(['KNOWN', 'NONE', 'UNKNOWN', 'NOT_APPLICABLE']),
    files: z.number().int().nonnegative().nullable(),
    linesAdded: z.number().int().nonnegative().nullable(),
    linesRemoved: z.number().int().nonnegative().nullable(),
    /** Why they are unknown. */
    reason: z.string().nullable(),
  }),
  validation: z.object({
    status: z.enum(['PASSED', 'FAILED', 'NO_CHECKS', 'NOT_RUN']),
    passed: z.number().int().nonnegative(),
    failed: z.number().int().nonnegative(),
  }),
  commit: WorkCommit.nullable(),
  pull: Pull.pick({ id: true, url: true, headBranch: true, headSha: true, state: true }).nullable(),
  recordedAt: z.string(),
})
export type AttemptResult = z.infer<typeof AttemptResult>
export type AttemptStatus = AttemptResult['status']
