import { assign, setup } from 'xstate'
import type { AnyEvent, Stamp } from './durable-event.ts'
import { effectActions } from './effect-actions.ts'
import { effectActors } from './effect-actors.ts'
import * as attempt from './task-attempt-steps.ts'
import type { TaskContext, TaskInput } from './task-context.ts'
import type { TaskEvent } from './task-events.ts'
import * as flow from './task-flow-steps.ts'
import { taskGuards } from './task-guards.ts'
import { keepPutOff, settleAttempt } from './task-settle-steps.ts'
import { moreTrouble, troubleDelayMs } from './trouble.ts'

interface At {
  readonly context: TaskContext
  readonly event: AnyEvent
}

const LONGEST_RETRY_DELAY_MS = 3_600_000
/** How long a review that was told to stop may stay silent before it is told again. */
const ASK_REVIEW_AGAIN_MS = 600_000

/** The retry delay doubles with every failure; after an interruption the first new attempt starts at once. */
const retryDelayMs = ({ context: { limits, settled, failed, interrupted } }: At): number => {
  const base = limits?.retryDelayMs ?? 0
  if (settled?.ending === 'interrupted') return interrupted <= 1 ? 0 : Math.min(base, LONGEST_RETRY_DELAY_MS)
  return Math.min(base * 2 ** Math.max(failed - 1, 0), LONGEST_RETRY_DELAY_MS)
}

/** The task machine's vocabulary; its states are in task-states-*.ts. */
export const taskSetup = setup({
  types: {
    context: {} as TaskContext,
    events: {} as TaskEvent & Stamp,
    input: {} as TaskInput,
  },
  actors: effectActors,
  actions: {
    ...effectActions,
    noteTrouble: assign(({ context, event }: At, { at }: { at: string }) => ({
      trouble: moreTrouble(context.trouble, at, event),
    })),
    withdrawClearance: assign({ cleared: false }),
    clearStart: assign({ cleared: true }),
    keepPlan: assign(attempt.keepPlan),
    keepPlanPolicy: assign(attempt.keepPlanPolicy),
    beginAttempt: assign(attempt.beginAttempt),
    nextAgent: assign(attempt.nextAgent),
    firstAgent: assign({ agentNo: 0 }),
    insist: assign({ insisted: true }),
    keepPutOff: assign(keepPutOff),
    refusePlan: assign(attempt.refusePlan),
    keepWorkspace: assign(attempt.keepWorkspace),
    keepOutcome: assign(attempt.keepOutcome),
    keepMeasurement: assign(attempt.keepMeasurement),
    keepWorkPolicy: assign(attempt.keepWorkPolicy),
    keepChecks: assign(attempt.keepChecks),
    keepScan: assign(attempt.keepScan),
    keepPush: assign(attempt.keepPush),
    keepPull: assign(attempt.keepPull),
    keepReadBack: assign(attempt.keepReadBack),
    failByEffect: assign(attempt.failByEffect),
    failByPublish: assign(attempt.failByPublish),
    warnUnrecorded: assign(attempt.warnUnrecorded),
    warnUnsaved: assign(attempt.warnUnsaved),
    settleAttempt: assign(settleAttempt),
    openStartGate: assign(flow.openStartGate),
    refuseStart: assign(flow.refuseStart),
    openReview: assign(flow.openReview),
    keepRevision: assign(flow.keepRevision),
    dropReview: assign(flow.dropReview),
    countRequeue: assign(flow.countRequeue),
    keepMerge: assign(flow.keepMerge),
    planVerification: assign(flow.planVerification),
    planFix: assign(flow.planFix),
    noteEnding: assign(flow.noteEnding),
    noteClaim: assign(flow.noteClaim),
    startOver: assign(flow.startOver),
    takeAnswer: assign(flow.takeAnswer),
    blockByAttempt: assign(flow.blockByAttempt),
    blockByReview: assign(flow.blockByReview),
    blockByGate: assign(flow.blockByGate),
    blockByRevisions: assign(flow.blockByRevisions),
    blockByChild: assign(flow.blockByChild),
    countBlock: assign(flow.countBlock),
  },
  guards: taskGuards,
  delays: {
    troubleDelay: ({ context }) => troubleDelayMs(context.trouble),
    retryDelay: retryDelayMs,
    deferral: ({ context }) => context.deferralMs,
    askReviewAgain: ASK_REVIEW_AGAIN_MS,
  },
})

/** The first answer to a failed effect: if it passes by itself, try it again after a while. */
export const tryAgain = (at: string) =>
  ({
    guard: { type: 'mayTryAgain', params: { at } },
    target: 'waitingOut',
    actions: { type: 'noteTrouble', params: { at } },
  }) as const
