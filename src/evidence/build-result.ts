import type { EffectInput } from '../contracts/effect-io.ts'
import type { AttemptResult, AttemptStatus } from './attempt-result.ts'

type Input = EffectInput<'recordAttempt'>

/** Computes `result.json` from facts alone: what is not known is said to be unknown, never guessed. */
export const buildResult = (input: Input, isCostKnown: boolean): AttemptResult => {
  const status = statusOf(input)
  const { decision, outcome, pull } = input
  return {
    v: 1,
    runId: input.runId,
    attemptId: input.attemptId,
    attempt: input.attempt,
    task: { id: input.task.id, title: input.task.title, repo: input.task.repo },
    lane: decision?.lane ?? null,
    agent:
      decision === null ? null : { key: decision.agent, type: decision.agentType, model: decision.model },
    status,
    success: status === 'succeeded',
    executed: outcome !== null,
    exit:
      outcome === null
        ? null
        : { code: outcome.exitCode, signal: outcome.signal, stopReason: outcome.stopReason },
    failure: input.failure ?? outcome?.failure ?? null,
    policy: input.policy?.status ?? null,
    durationMs: outcome === null ? null : outcome.endedAtMs - outcome.startedAtMs,
    usage: usageOf(outcome, isCostKnown),
    containment: outcome?.containment ?? null,
    recorded: outcome?.recorded ?? false,
    changedFiles: changedFilesOf(input),
    validation: validationOf(input),
    commit: input.measurement?.commit ?? null,
    pull:
      pull === null
        ? null
        : {
            id: pull.id,
            url: pull.url,
            headBranch: pull.headBranch,
            headSha: pull.headSha,
            state: pull.state,
          },
    recordedAt: new Date(input.nowMs).toISOString(),
  }
}

const usageOf = (outcome: Input['outcome'], isCostKnown: boolean): AttemptResult['usage'] => {
  const usage = outcome?.usage ?? null
  return usage === null || isCostKnown ? usage : { ...usage, usd: null }
}

/** The first row that holds decides. */
const statusOf = (input: Input): AttemptStatus => {
  const { outcome, failure, policy, checks } = input
  if (outcome === null) {
    const isRefused = policy?.status === 'block' || REFUSALS.includes(failure?.class ?? '')
    return isRefused ? 'refused' : 'not_executed'
  }
  if (outcome.ending === 'interrupted' || outcome.ending === 'cancelled') return outcome.ending
  if (failure !== null || outcome.failure !== null || outcome.ending === 'failed') return 'failed'
  if (policy?.status === 'block' || checks?.passed === false) return 'failed'
  return 'succeeded'
}

/** Failures that mean: we would not do it, rather than: we could not. */
const REFUSALS: readonly string[] = ['invalid_task', 'scope_policy']

const changedFilesOf = ({ measurement, outcome }: Input): AttemptResult['changedFiles'] => {
  const none = { files: null, linesAdded: null, linesRemoved: null, reason: null }
  if (measurement === null) {
    return outcome === null
      ? { status: 'NOT_APPLICABLE', ...none }
      : { status: 'UNKNOWN', ...none, reason: 'the work was not measured' }
  }
  const { changed } = measurement
  if (changed.status === 'UNKNOWN') return { status: 'UNKNOWN', ...none, reason: changed.reason }
  if (changed.status === 'NOT_APPLICABLE') return { status: 'NOT_APPLICABLE', ...none }
  const files = changed.status === 'KNOWN' ? changed.files : []
  return {
    status: changed.status,
    files: files.length,
    linesAdded: sum(files.map(({ linesAdded }) => linesAdded ?? 0)),
    linesRemoved: sum(files.map(({ linesRemoved }) => linesRemoved ?? 0)),
    reason: null,
  }
}

const validationOf = ({ checks }: Input): AttemptResult['validation'] => {
  if (checks === null) return { status: 'NOT_RUN', passed: 0, failed: 0 }
  const passed = checks.results.filter(({ outcome }) => outcome === 'passed').length
  const failed = checks.results.length - passed
  if (!checks.passed) return { status: 'FAILED', passed, failed }
  return { status: checks.results.length === 0 ? 'NO_CHECKS' : 'PASSED', passed, failed }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
