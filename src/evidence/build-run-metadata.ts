import type { JsonValue } from '../contracts/json.ts'
import type { AttemptResult } from './attempt-result.ts'
import type { RunSummary } from './run-summary.ts'

/** Builds a run's `run_metadata.json`: the few fields that lists and searches need. `latest` is the attempt that speaks for the run. */
export const buildRunMetadata = (summary: RunSummary, latest: AttemptResult): JsonValue => ({
  v: 1,
  runId: summary.runId,
  taskId: summary.task.id,
  repo: summary.task.repo,
  lane: latest.lane,
  agent: latest.agent?.key ?? null,
  status: summary.status,
  success: latest.success,
  executed: latest.executed,
  recorded: latest.recorded,
  policyStatus: latest.policy,
  failureClass: latest.failure?.class ?? null,
  attempts: summary.attempts.map(({ attemptId }) => attemptId),
  latestAttempt: latest.attemptId,
  pull: summary.pull?.id ?? null,
  recordedAt: summary.recordedAt,
})
