import type { Blocked, Failure, FailureClass } from '../../src/contracts/failure.ts'
import type { TaskId } from '../../src/contracts/ids.ts'

interface FailureRule {
  /** Whether another attempt may help, as long as attempts are left. */
  readonly retry: boolean
  /** Whether a `test` task that ended so has found something wrong with the code, so that a goal to fix it makes sense. */
  readonly fix: boolean
  /** What a person can do once the task is Blocked. */
  readonly nextAction: (taskId: TaskId) => string
}

const again = (taskId: TaskId) => `oc-supervise task retry ${taskId}`
const lookThen = (what: string) => (taskId: TaskId) => `${what}, then: ${again(taskId)}`

/** One row a failure class: is it tried again, does it call for a fix, what is asked of a person. */
export const FAILURE_RULES: Readonly<Record<FailureClass, FailureRule>> = {
  invalid_task: { retry: false, fix: false, nextAction: lookThen('Correct the task') },
  scope_policy: { retry: false, fix: false, nextAction: lookThen('Change the task or the policy') },
  secret_detected: {
    retry: false,
    fix: false,
    nextAction: lookThen('Read the finding and revoke the secret'),
  },
  check_tampering: { retry: false, fix: false, nextAction: lookThen('Read the diff of the checks') },
  oom: { retry: true, fix: false, nextAction: lookThen('Free memory or make the task smaller') },
  timeout: { retry: true, fix: false, nextAction: lookThen('Make the task smaller or raise the timeout') },
  quota_exhausted: { retry: false, fix: false, nextAction: lookThen('Wait for the quota or raise it') },
  rate_limited: { retry: true, fix: false, nextAction: lookThen('Wait until the limit is over') },
  auth: { retry: false, fix: false, nextAction: lookThen("Renew the agent's or the forge's credentials") },
  model_error: { retry: true, fix: false, nextAction: again },
  context_limit: { retry: true, fix: false, nextAction: lookThen('Make the task smaller') },
  dependency_missing: { retry: false, fix: false, nextAction: lookThen('Install what is missing') },
  awaiting_input: {
    retry: false,
    fix: false,
    nextAction: (taskId) => `oc-supervise task answer ${taskId} --text '…'`,
  },
  flaky_test: { retry: true, fix: true, nextAction: lookThen('Steady or exclude the flaky test') },
  validation_failure: { retry: true, fix: true, nextAction: lookThen('Read the failing checks') },
  merge_conflict: { retry: true, fix: false, nextAction: lookThen('Resolve the conflict') },
  publish_failed: { retry: false, fix: false, nextAction: lookThen('See why the forge refuses') },
  tool_failure: { retry: true, fix: true, nextAction: lookThen("Read the agent's errors") },
  infra_tooling: { retry: true, fix: false, nextAction: lookThen('Run oc-supervise doctor') },
  no_op: { retry: false, fix: false, nextAction: lookThen('Say more exactly what is to change') },
  no_progress: { retry: true, fix: true, nextAction: lookThen('Say more exactly what is to change') },
  unknown: { retry: true, fix: true, nextAction: lookThen("Read the run's evidence") },
}

/** Failures of an effect that pass by themselves: the same effect is tried again after a while, within the same attempt. */
export const PASSING: ReadonlySet<FailureClass> = new Set(['infra_tooling', 'publish_failed', 'rate_limited'])

/** Failures of an agent that say nothing about its work: the attempt is put off and does not count. */
export const DEFERRING: ReadonlySet<FailureClass> = new Set(['quota_exhausted', 'rate_limited'])

/** Failures of one agent that another agent need not have: its fallback takes over. */
export const FALLS_BACK: ReadonlySet<FailureClass> = new Set([
  'quota_exhausted',
  'rate_limited',
  'auth',
  'model_error',
  'dependency_missing',
])

/** What a person sees of a failure that stops a task. */
export const blockedBy = (failure: Failure, taskId: TaskId): Blocked => ({
  class: failure.class,
  reason: failure.reason,
  nextAction: FAILURE_RULES[failure.class].nextAction(taskId),
})
