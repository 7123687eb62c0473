import type { AttemptResult } from './attempt-result.ts'
import { headlineOf, summaryOf } from './build-execution-trace.ts'
import type { RunSummary } from './run-summary.ts'

/** One attempt as its folder tells it. */
export interface RecordedAttempt {
  readonly result: AttemptResult
  /** SHA-256 of its attestation.json. */
  readonly attestation: string
}

/** Builds a run's `summary.json` from its attempts, in any order; the latest one speaks for the run. */
export const buildRunSummary = (first: RecordedAttempt, ...more: readonly RecordedAttempt[]): RunSummary => {
  const attempts = [first, ...more].sort((a, b) => compare(a.result, b.result))
  const { result: latest } = attempts.at(-1) ?? first
  const results = attempts.map(({ result }) => result)
  const costs = results.flatMap(({ usage }) => usage?.usd ?? [])
  return {
    v: 1,
    runId: latest.runId,
    task: latest.task,
    status: latest.status,
    headline: headlineOf(latest),
    attempts: attempts.map(({ result, attestation }) => ({
      attemptId: result.attemptId,
      attempt: result.attempt,
      status: result.status,
      agent: result.agent,
      summary: summaryOf(result),
      failureClass: result.failure?.class ?? null,
      durationMs: result.durationMs,
      usd: result.usage?.usd ?? null,
      recorded: result.recorded,
      recordedAt: result.recordedAt,
      attestation,
    })),
    totals: {
      attempts: results.filter(({ status }) => status !== 'interrupted').length,
      interrupted: results.filter(({ status }) => status === 'interrupted').length,
      durationMs: sum(results.map(({ durationMs }) => durationMs ?? 0)),
      usd: costs.length === 0 ? null : sum(costs),
    },
    changedFiles: latest.changedFiles,
    validation: latest.validation,
    commit: latest.commit,
    pull: latest.pull,
    recordedAt: latest.recordedAt,
  }
}

/** Attempts that do not count share their number with the next one; their times tell them apart, then their ids. */
const compare = (a: AttemptResult, b: AttemptResult): number =>
  a.attempt - b.attempt || order(a.recordedAt, b.recordedAt) || order(a.attemptId, b.attemptId)

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
