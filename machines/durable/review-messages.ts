import type { EffectInput } from '../../src/contracts/effect-io.ts'
import type { Failure } from '../../src/contracts/failure.ts'
import { type AnyEvent, failureOf, outputOf } from './durable-event.ts'
import type { SendParams, StartActorParams } from './effect-actions.ts'
import { blockedBy } from './failure-rules.ts'
import type { GateStart } from './gate-context.ts'
import type { ReviewContext } from './review-context.ts'
import { personReasons } from './review-guards.ts'
import { candidateOf, told } from './review-steps.ts'
import type { TaskEvent, TaskEventOf } from './task-events.ts'
import { failure } from './task-facts.ts'

interface At {
  readonly context: ReviewContext
  readonly event: AnyEvent
}

const GATE_QUEUE = 'supervisor'

/** Tells the task something it understands. */
const toTask = <T extends TaskEvent['type']>(type: T, rest: (at: At) => Omit<TaskEventOf<T>, 'type'>) =>
  ({
    type: 'send',
    label: `send ${type}`,
    params: (at: At): SendParams => ({
      to: at.context.taskId,
      queue: at.context.taskQueue,
      event: { type, ...rest(at) },
    }),
  }) as const

const blocking = (
  context: ReviewContext,
  cause: Failure,
  how: { closed: boolean; resume: boolean },
  headSha = context.commit.sha,
): Omit<TaskEventOf<'REVIEW_BLOCKED'>, 'type'> => ({
  blocked: blockedBy(cause, context.taskId),
  headSha,
  ...how,
})

const STAYS = { closed: false, resume: false }
const RESUMES = { closed: false, resume: true }
const GONE = { closed: true, resume: false }

export const tellMerged = toTask('MERGED', ({ context }) => {
  if (context.mergedSha === null) throw new Error(`${context.reviewId} is not merged`)
  return { sha: context.mergedSha }
})

export const tellClosed = toTask('REVIEW_CLOSED', () => ({}))

export const tellRequeued = toTask('REQUEUED', () => ({ reason: 'nobody answered in time' }))

/** What is to be done differently; a conflict is told as such. */
export const tellRevise = toTask('REVISE', ({ context, event }) => {
  const cause = reviseCause(event)
  return {
    class: cause.class,
    reasons: cause.reasons,
    headSha: context.commit.sha,
    branch: context.pull.headBranch,
    pullId: context.pull.id,
  }
})

export const tellRevisionsUsedUp = toTask('REVIEW_BLOCKED', ({ context, event }) => {
  const cause = reviseCause(event)
  const reason = `${context.revisions} revisions did not satisfy the review: ${cause.reasons.join('; ')}`
  return blocking(context, failure(cause.class, reason), STAYS)
})

export const tellRejected = toTask('REVIEW_BLOCKED', ({ context, event }) => {
  const { verdict, facts } = outputOf('judgePull', event)
  const cause = failure('validation_failure', `rejected: ${verdict.reasons.join('; ')}`)
  return blocking(context, cause, STAYS, facts.headSha)
})

/** An approval that is bound to nothing we know merges nothing. */
export const tellUnbound = toTask('REVIEW_BLOCKED', ({ context, event }) => {
  const { verdict, facts } = outputOf('judgePull', event)
  const reason = `the verdict on ${verdict.headSha} does not fit the pull request's head ${facts.headSha} and its checks`
  return blocking(context, failure('infra_tooling', reason), RESUMES)
})

export const tellRestless = toTask('REVIEW_BLOCKED', ({ context }) => {
  const reason = `head or base moved ${context.moves} times while merging`
  return blocking(context, failure('merge_conflict', reason), RESUMES)
})

export const tellPullGone = toTask('REVIEW_BLOCKED', ({ context }) =>
  blocking(context, failure('unknown', `${context.pull.id} was closed without being merged`), GONE),
)

export const tellTrouble = toTask('REVIEW_BLOCKED', ({ context, event }) =>
  blocking(context, failureOf(event), RESUMES),
)

export const tellGateRejected = toTask('GATE_REJECTED', ({ event }) => {
  const { by, note } = told(event, 'GATE_DECIDED')
  return { by, note }
})

/** Asks people about exactly what would be merged now. */
export const startGate = {
  type: 'startActor',
  label: 'start gate',
  params: ({ context }: At): StartActorParams => {
    const { terms, pull } = context
    const { headSha, patchId } = candidateOf(context)
    const gateId = gateOf(context)
    const input: GateStart = {
      gateId,
      subject: {
        kind: 'merge',
        repo: pull.repo,
        pullId: pull.id,
        headSha,
        patchId,
        baseBranch: pull.baseBranch,
      },
      reasons: personReasons(context),
      operators: terms.operators,
      signing: terms.signing,
      replyTo: { actor: context.reviewId, queue: 'review' },
      expiresAfterMs: terms.gateExpiresAfterMs,
    }
    return { id: gateId, queue: GATE_QUEUE, machine: 'gate', input }
  },
} as const

/** Takes the question back. */
export const withdrawGate = {
  type: 'send',
  label: 'send WITHDRAW',
  params: ({ context }: At): SendParams => ({
    to: gateOf(context),
    queue: GATE_QUEUE,
    event: { type: 'WITHDRAW' },
  }),
} as const

/** Says once on the pull request that people are asked, and why. */
export const sayAsked = {
  type: 'comment',
  params: ({ context }: At): EffectInput<'comment'> => {
    const reasons = personReasons(context).map((reason) => `- ${reason}`)
    const text = `Waits for approval:\n\n${reasons.join('\n')}\n\n\`oc-supervise gate show ${gateOf(context)}\``
    return { on: context.pull.id, mark: `${gateOf(context)}:asked`, text: text.slice(0, 20_000) }
  },
} as const

export const sayReminder = {
  type: 'comment',
  params: ({ context }: At): EffectInput<'comment'> => ({
    on: context.pull.id,
    mark: `${context.reviewId}:reminder:${context.reminders}`,
    text: `Still waits for approval (reminder ${context.reminders}): \`oc-supervise gate show ${gateOf(context)}\``,
  }),
} as const

const phase = (to: 'human' | 'automated', reason: string) =>
  ({
    type: 'moveTask',
    label: `move to Review (${to})`,
    params: ({ context }: At): EffectInput<'moveTask'> => ({
      taskId: context.taskId,
      from: ['Review'],
      to: 'Review',
      phase: to,
      reason,
    }),
  }) as const

export const showHuman = phase('human', 'waits for approval of the merge')
export const showAutomated = phase('automated', 'the review goes on')

const gateOf = (context: ReviewContext) => {
  if (context.gateId === null) throw new Error(`${context.reviewId} asks nobody`)
  return context.gateId
}

/** Why a revision is needed, from whichever effect found out. */
const reviseCause = (
  event: AnyEvent,
): { class: 'validation_failure' | 'merge_conflict'; reasons: [string, ...string[]] } => {
  if (event.type === 'xstate.done.actor.judgePull') {
    const [first = 'the verdict asks for a revision', ...more] = outputOf('judgePull', event).verdict.reasons
    return { class: 'validation_failure', reasons: [first, ...more] }
  }
  if (event.type === 'xstate.done.actor.checkMerge') {
    const check = outputOf('checkMerge', event)
    if (check.result === 'conflict') return { class: 'merge_conflict', reasons: [check.reason] }
    const failing = check.report.results.filter((result) => result.outcome !== 'passed')
    const names = failing.map((result) => result.name).join(', ') || 'see the report'
    return { class: 'validation_failure', reasons: [`merged with its base, checks fail: ${names}`] }
  }
  const outcome = outputOf('mergePull', event)
  const reason = outcome.outcome === 'conflict' ? outcome.reason : 'cannot be merged'
  return { class: 'merge_conflict', reasons: [reason] }
}
