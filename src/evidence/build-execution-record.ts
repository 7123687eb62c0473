import type { EffectInput } from '../contracts/effect-io.ts'
import type { JsonValue } from '../contracts/json.ts'
import type { AttemptResult } from './attempt-result.ts'

/** Builds `execution_record.json`: the whole attempt in one document, without the outputs that have files of their own. */
export const buildExecutionRecord = (
  input: EffectInput<'recordAttempt'>,
  result: AttemptResult,
): JsonValue => ({
  v: 1,
  runId: input.runId,
  attemptId: input.attemptId,
  attempt: input.attempt,
  taskId: input.task.id,
  recordedAt: result.recordedAt,
  manifestHash: input.proposal?.manifestHash ?? null,
  status: result.status,
  success: result.success,
  failure: result.failure === null ? null : { class: result.failure.class, reason: result.failure.reason },
  routing:
    input.decision === null
      ? null
      : {
          lane: input.decision.lane,
          agent: input.decision.agent,
          agentType: input.decision.agentType,
          model: input.decision.model,
          rule: input.decision.rule,
        },
  policy:
    input.policy === null
      ? null
      : { ...input.policy, findings: input.policy.findings.map((f) => ({ ...f })) },
  workspace: input.workspace === null ? null : { ...input.workspace },
  agentRun: input.outcome === null ? null : agentRunOf(input.outcome, result),
  changedFiles: changedFilesOf(input.measurement, result),
  validation: {
    ...result.validation,
    sha: input.checks?.sha ?? null,
    purpose: input.checks?.purpose ?? null,
    containment: input.checks?.containment ?? null,
    checks: (input.checks?.results ?? []).map(({ excerpt: _, ...check }) => ({ ...check })),
  },
  commit: result.commit === null ? null : { ...result.commit },
  pull: result.pull === null ? null : { ...result.pull },
})

type Input = EffectInput<'recordAttempt'>

/** Its failure stands above already. */
const agentRunOf = (
  { failure: _, ...outcome }: NonNullable<Input['outcome']>,
  { usage }: AttemptResult,
): JsonValue => ({
  ...outcome,
  containment: { ...outcome.containment },
  usage: usage === null ? null : { ...usage },
})

const changedFilesOf = (measurement: Input['measurement'], result: AttemptResult): JsonValue => ({
  status: result.changedFiles.status,
  source: measurement?.changed.status === 'KNOWN' || measurement?.changed.status === 'NONE' ? 'git' : null,
  reason: result.changedFiles.reason,
  files:
    measurement?.changed.status === 'KNOWN' ? measurement.changed.files.map((file) => ({ ...file })) : [],
})
