import { attemptIdOf } from './derive-id.ts'
import { type AnyEvent, failureOf, outputOf } from './durable-event.ts'
import { PASSING } from './failure-rules.ts'
import { type Attempt, present, type TaskContext } from './task-context.ts'
import { changedNothing, checkedSha, checkFailure, failure, policyFailure } from './task-facts.ts'
import { workSha } from './task-inputs.ts'

interface At {
  readonly context: TaskContext
  readonly event: AnyEvent
}
type Change = Partial<TaskContext>

const MOST_WARNINGS = 20

/** What the plan says; from here on the run goes by its limits and review terms. */
export const keepPlan = ({ event }: At): Change => {
  const { proposal, proposalHash, decision, limits, review } = outputOf('plan', event)
  return { proposal, proposalHash, decision, limits, terms: review, planPolicy: null, trouble: null }
}

/** The policy's judgement of the plan. */
export const keepPlanPolicy = ({ event }: At): Change => ({ planPolicy: outputOf('judgePlan', event) })

/** Opens the next attempt. Its number never repeats, so neither does its id. */
export const beginAttempt = ({ context }: At): Change => {
  const n = context.attemptNo + 1
  return {
    attemptNo: n,
    attempt: blankAttempt(attemptIdOf(context.spec.id, n), n),
    trouble: null,
    settled: null,
  }
}

/** The next fallback takes over. Deferrals go on being counted: agents that all wait for ever must not take turns for ever. */
export const nextAgent = ({ context }: At): Change => ({ agentNo: context.agentNo + 1 })

/** A policy that refuses the plan still leaves evidence: an attempt in which nothing ran. */
export const refusePlan = ({ context }: At): Change =>
  change(context, { failure: policyFailure(present(context.planPolicy, 'judgement of the plan')) })

export const keepWorkspace = ({ context, event }: At): Change =>
  change(context, { workspace: outputOf('prepareWorkspace', event) })

/** How the agent ended. An interruption or a deferral is no failure: nothing is known of the work, or it never began. */
export const keepOutcome = ({ context, event }: At): Change => {
  const outcome = outputOf('runAgent', event)
  if (outcome.ending !== 'failed' && outcome.ending !== 'deferred') return change(context, { outcome })
  const unexplained = failure('unknown', `the agent ended with exit code ${outcome.exitCode} and no reason`)
  return change(context, { outcome, failure: outcome.failure ?? unexplained })
}

/** What the agent changed. Only a fresh `test` task may end without a change. */
export const keepMeasurement = ({ context, event }: At): Change => {
  const measurement = outputOf('measureWork', event)
  const measured = change(context, { measurement })
  if (measurement.changed.status === 'UNKNOWN') {
    const reason = `what was changed cannot be told: ${measurement.changed.reason}`
    return change(context, { measurement, failure: failure('infra_tooling', reason) })
  }
  if (
    !changedNothing({ ...context, ...measured }) ||
    (context.spec.kind === 'test' && context.revision === null)
  )
    return measured
  return change(context, { measurement, failure: failure('no_op', 'the agent changed nothing') })
}

/** The policy's judgement of the real diff; a block fails the attempt for good. */
export const keepWorkPolicy = ({ context, event }: At): Change => {
  const policy = outputOf('judgeWork', event)
  return change(context, { policy, failure: policy.status === 'block' ? policyFailure(policy) : null })
}

export const keepChecks = ({ context, event }: At): Change => {
  const checks = outputOf('runChecks', event)
  return change(context, {
    checks,
    failure: checkFailure(checks, checkedSha(context), changedNothing(context)),
  })
}

/** What a secret in the work means: where it stands and by which rule, never what it is. */
export const keepScan = ({ context, event }: At): Change => {
  const { findings } = outputOf('scanSecrets', event)
  if (findings.length === 0) return {}
  const places = findings.map(({ path, line, rule }) => `${path}${line === null ? '' : `:${line}`} (${rule})`)
  return change(context, {
    failure: failure('secret_detected', `the work holds what looks like a secret: ${places.join(', ')}`),
  })
}

/** The push went through: a revision's next push expects this head, and its pull request shows it. */
export const keepPush = ({ context }: At): Change => {
  const sha = workSha(context)
  if (context.revision === null) return {}
  const pull = { ...present(context.published, 'pull request').pull, headSha: sha }
  return { ...change(context, { pull }), revision: { ...context.revision, headSha: sha } }
}

export const keepPull = ({ context, event }: At): Change =>
  change(context, { pull: outputOf('openPull', event) })

/** Success is what the remote shows: another head there is no success. */
export const keepReadBack = ({ context, event }: At): Change => {
  const { remoteSha } = outputOf('readBack', event)
  const sha = workSha(context)
  if (remoteSha === sha) return {}
  return change(context, { failure: failure('publish_failed', `the remote shows ${remoteSha}, not ${sha}`) })
}

/** An effect of this attempt failed. */
export const failByEffect = ({ context, event }: At): Change => change(context, { failure: failureOf(event) })

/** Publishing failed in the end; what only passes by itself elsewhere is `publish_failed` here, which no new agent run can mend. */
export const failByPublish = ({ context, event }: At): Change => {
  const cause = failureOf(event)
  return change(context, {
    failure: PASSING.has(cause.class) ? { ...cause, class: 'publish_failed' } : cause,
  })
}

/** Evidence is part of the promise: an attempt without it does not count as a success. */
export const warnUnrecorded = ({ context, event }: At): Change => {
  const attempt = present(context.attempt, 'attempt')
  const reason = `the evidence of ${attempt.id} could not be written: ${failureOf(event).reason}`
  const recorded = change(context, { unrecorded: true, failure: failure('infra_tooling', reason) })
  return { ...recorded, ...warn(context, reason) }
}

/** A workspace that cannot be saved stays where it is; the result of the attempt stands. */
export const warnUnsaved = ({ context, event }: At): Change => {
  const attempt = present(context.attempt, 'attempt')
  const where = attempt.workspace?.path ?? 'its workspace'
  return warn(context, `${where} of ${attempt.id} is kept, it could not be saved: ${failureOf(event).reason}`)
}

const change = (context: TaskContext, part: Partial<Attempt>): Pick<TaskContext, 'attempt'> => ({
  attempt: { ...present(context.attempt, 'attempt'), ...part },
})

const warn = (context: TaskContext, warning: string): Change => ({
  warnings: [...context.warnings, warning].slice(-MOST_WARNINGS),
})

const blankAttempt = (id: Attempt['id'], n: number): Attempt => ({
  id,
  n,
  workspace: null,
  outcome: null,
  measurement: null,
  policy: null,
  checks: null,
  pull: null,
  failure: null,
  unrecorded: false,
})
