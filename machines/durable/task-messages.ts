import type { EffectInput } from '../../src/contracts/effect-io.ts'
import { BOARD_STATES, type BoardState } from '../../src/contracts/task.ts'
import { startGateIdOf } from './derive-id.ts'
import type { AnyEvent } from './durable-event.ts'
import type { SendParams, StartActorParams } from './effect-actions.ts'
import type { GateStart } from './gate-context.ts'
import type { ReviewStart } from './review-context.ts'
import type { ReviewEvent, ReviewEventOf } from './review-events.ts'
import { present, type TaskContext } from './task-context.ts'
import type { TaskEvent, TaskEventOf } from './task-events.ts'
import { reviewReasons, waitingParentLane } from './task-facts.ts'

interface At {
  readonly context: TaskContext
  readonly event: AnyEvent
}

/** Everyone answers to the lane `review` and to the supervisor: the queues of the actors a task starts. */
const REVIEW_QUEUE = 'review'
const GATE_QUEUE = 'supervisor'

/** Moves the card, from the states it may be in, with a reason; a card that a person put elsewhere stays there. */
const move = (
  from: readonly BoardState[],
  to: BoardState,
  reason: (context: TaskContext) => string,
  phase: 'automated' | 'human' | null = null,
) =>
  ({
    type: 'moveTask',
    label: `move to ${to}`,
    params: ({ context }: At): EffectInput<'moveTask'> => ({
      taskId: context.spec.id,
      from: [...from],
      to,
      phase,
      reason: reason(context),
    }),
  }) as const

const notFinal = BOARD_STATES.filter((state) => state !== 'Done' && state !== 'Cancelled')

/** The card's moves that are ours to make. */
export const taskMoves = {
  askStart: move(['Running'], 'Review', () => 'the policy asks for approval before the start', 'human'),
  start: move(['Review'], 'Running', () => 'the start was approved'),
  resume: move(['Backlog', 'Ready', 'Blocked', 'Review', 'Running'], 'Running', () => 'taken up again'),
  putOff: move(
    ['Running'],
    'Backlog',
    ({ settled }) => `put off: ${settled?.failure?.reason ?? 'the agent is not to be had now'}`,
  ),
  queueAgain: move(['Backlog'], 'Ready', () => 'the wait is over'),
  revise: move(['Review'], 'Running', (context) => `revision ${context.revisions}`),
  review: move(['Running'], 'Review', (context) => `published as ${context.published?.pull.id}`, 'automated'),
  reviewAgain: move(['Blocked', 'Running'], 'Review', () => 'the review is taken up again', 'automated'),
  verify: move(
    ['Review', 'Blocked', 'Running'],
    'Review',
    (context) => `merged; waits for ${context.verification}`,
    'automated',
  ),
  requeue: move(['Review'], 'Ready', () => 'nobody answered; put back to be done anew'),
  queue: move(['Blocked', 'Backlog'], 'Ready', () => 'to be taken up again'),
  block: move(['Running', 'Review'], 'Blocked', (context) => context.blocked?.reason ?? 'blocked'),
  done: move(notFinal, 'Done', (context) =>
    context.mergedSha === null
      ? 'the checks pass; nothing had to be changed'
      : `merged as ${context.mergedSha}`,
  ),
  cancel: move(notFinal, 'Cancelled', (context) =>
    context.ending?.kind === 'cancelled' ? `cancelled by ${context.ending.by}` : 'cancelled',
  ),
  /** Where a person asked; never before the agent is proved dead. */
  asAsked: {
    type: 'moveTask',
    label: 'move as asked',
    params: ({ context }: At): EffectInput<'moveTask'> => {
      const { ending, spec } = context
      if (ending?.kind !== 'asked') throw new Error(`nobody asked to move ${spec.id}`)
      const { to, by, reason } = ending
      const said = reason === '' ? `moved by ${by}` : `${reason} (${by})`
      return { taskId: spec.id, from: notFinal.filter((from) => from !== to), to, phase: null, reason: said }
    },
  },
} as const

/** Says on the card why the task stopped and what a person can do. */
export const sayBlocked = {
  type: 'comment',
  params: ({ context }: At): EffectInput<'comment'> => {
    const { class: cls, reason, nextAction } = present(context.blocked, 'reason to be blocked')
    const text = [`Blocked (${cls}): ${reason}`, `Next: ${nextAction}`, ...context.warnings].join('\n\n')
    return {
      on: context.spec.id,
      mark: `${context.spec.id}:blocked:${context.blockedNo}`,
      text: text.slice(0, 20_000),
    }
  },
} as const

/** Says on the card which workspace was kept because it could not be saved. */
export const sayUnsaved = {
  type: 'comment',
  params: ({ context }: At): EffectInput<'comment'> => ({
    on: context.spec.id,
    mark: `${present(context.attempt, 'attempt').id}:unsaved`,
    text: context.warnings.at(-1) ?? 'a workspace could not be saved',
  }),
} as const

/** Asks people whether this task may start. */
export const startGate = {
  type: 'startActor',
  label: 'start gate',
  params: ({ context }: At): StartActorParams => {
    const terms = present(context.terms, 'review terms')
    const gateId = startGateIdOf(context.spec.id, context.startGateNo)
    const input: GateStart = {
      gateId,
      subject: {
        kind: 'start',
        repo: context.spec.repo,
        taskId: context.spec.id,
        proposalHash: present(context.proposalHash, 'proposal hash'),
      },
      reasons: reviewReasons(present(context.planPolicy, 'judgement of the plan')),
      operators: terms.operators,
      signing: terms.signing,
      replyTo: { actor: context.spec.id, queue: context.lane },
      expiresAfterMs: terms.gateExpiresAfterMs,
    }
    return { id: gateId, queue: GATE_QUEUE, machine: 'gate', input }
  },
} as const

/** Takes the question of the start back. */
export const withdrawStartGate = {
  type: 'send',
  label: 'send WITHDRAW',
  params: ({ context }: At): SendParams => ({
    to: present(context.startGate, 'start gate'),
    queue: GATE_QUEUE,
    event: { type: 'WITHDRAW' },
  }),
} as const

/** Opens the review loop of the published pull request. A task requeued too often only reminds from then on. */
export const startReview = {
  type: 'startActor',
  label: 'start review',
  params: ({ context }: At): StartActorParams => {
    const terms = present(context.terms, 'review terms')
    const reviewId = present(context.reviewId, 'review')
    const requeuesLeft = context.requeues < terms.maxRevisions
    const input: ReviewStart = {
      reviewId,
      taskId: context.spec.id,
      taskQueue: context.lane,
      runId: context.runId,
      terms:
        terms.onHumanTimeout === 'requeue' && !requeuesLeft ? { ...terms, onHumanTimeout: 'remind' } : terms,
      ...present(context.published, 'pull request'),
    }
    return { id: reviewId, queue: REVIEW_QUEUE, machine: 'review', input }
  },
} as const

/** Tells the review something it understands. */
const toReview = <T extends ReviewEvent['type']>(
  type: T,
  rest: (context: TaskContext) => Omit<ReviewEventOf<T>, 'type'>,
) =>
  ({
    type: 'send',
    label: `send ${type}`,
    params: ({ context }: At): SendParams => ({
      to: present(context.reviewId, 'review'),
      queue: REVIEW_QUEUE,
      event: { type, ...rest(context) },
    }),
  }) as const

export const tellRevised = toReview('REVISED', (context) => present(context.published, 'pull request'))
export const tellResume = toReview('RESUME', () => ({}))
export const tellCancel = toReview('CANCEL', () => ({}))

/** Tells the task that waits for this one. */
const toParent = <T extends TaskEvent['type']>(
  type: T,
  rest: (context: TaskContext) => Omit<TaskEventOf<T>, 'type'>,
) =>
  ({
    type: 'send',
    label: `send ${type}`,
    params: ({ context }: At): SendParams => ({
      to: present(context.spec.parent, 'parent').id,
      queue: present(waitingParentLane(context.spec), 'parent that waits'),
      event: { type, ...rest(context) },
    }),
  }) as const

export const tellDone = toParent('CHILD_DONE', ({ spec }) => ({ taskId: spec.id }))
export const tellFailed = toParent('CHILD_FAILED', ({ spec, blocked }) => ({
  taskId: spec.id,
  reason: blocked?.reason ?? 'blocked',
}))
