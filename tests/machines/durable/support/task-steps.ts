import type { ReviewTerms } from '../../../../src/contracts/pull.ts'
import { DurableRun } from './durable-run.ts'
import * as sample from './samples.ts'

export const startTask = (over: Record<string, unknown> = {}): DurableRun =>
  new DurableRun('task', sample.taskInput(over))

/** Nothing speaks against the run. */
export const ADMITTED = { putOff: null }

/** From the end of a wait to an attempt whose workspace is ready. */
export const begin = (run: DurableRun, workspace = sample.workspace): DurableRun =>
  run.done('admitRun', ADMITTED).done('prepareWorkspace', workspace)

/** From the claim to an attempt whose workspace is ready. */
export const toWorking = (run: DurableRun, over: Parameters<typeof sample.planned>[0] = {}): DurableRun =>
  begin(run.done('plan', sample.planned(over)).done('judgePlan', sample.policy('allow')))

/** From a working agent to the published pull request. */
export const workToReview = (run: DurableRun, head = sample.HEAD): DurableRun => {
  run
    .done('runAgent', sample.ended('completed'))
    .done('measureWork', sample.measured(head))
    .done('judgeWork', sample.policy('allow'))
    .done('runChecks', sample.checks('passed', head))
    .done('scanSecrets', { findings: [] })
    .done('publishBranch', { branch: 'oc-supervise/att-1-1', sha: head })
  if (run.effect === 'openPull') run.done('openPull', sample.pull('open', head))
  return settle(run.done('readBack', { remoteSha: head, baseSha: sample.BASE }))
}

/** A working agent that fails for this reason. */
export const failAgent = (run: DurableRun, failure = sample.failed('validation_failure')): DurableRun =>
  settle(run.done('runAgent', sample.ended('failed', failure)))

/** Evidence written, workspace saved and removed. */
export const settle = (run: DurableRun): DurableRun =>
  run
    .done('recordAttempt', { dir: '/runs/1', attestationHash: sample.HASH })
    .done('releaseWorkspace', { saved: [], removed: true })

export const toReview = (run: DurableRun, over: { terms?: Partial<ReviewTerms> } = {}): DurableRun =>
  workToReview(toWorking(run, over))

export const revise = {
  type: 'REVISE',
  class: 'validation_failure',
  reasons: ['name it better'],
  headSha: sample.HEAD,
  branch: 'oc-supervise/att-1-1',
  pullId: 'pull-1',
}

export const reviewBlocked = (over: Record<string, unknown> = {}) => ({
  type: 'REVIEW_BLOCKED',
  blocked: { class: 'validation_failure', reason: 'rejected', nextAction: 'look' },
  headSha: sample.HEAD,
  closed: false,
  resume: false,
  ...over,
})
