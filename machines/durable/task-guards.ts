import { type AnyEvent, outputOf } from './durable-event.ts'
import { FAILURE_RULES, FALLS_BACK } from './failure-rules.ts'
import * as attempt from './task-attempt-steps.ts'
import type { TaskContext } from './task-context.ts'
import { changedNothing, waitingParentLane } from './task-facts.ts'
import { ENDS, told } from './task-flow-steps.ts'
import { mayTryAgain } from './trouble.ts'

interface At {
  readonly context: TaskContext
  readonly event: AnyEvent
}

/** Interruptions in a row before a person is asked: bounds a loop that nothing else would end. */
const MOST_INTERRUPTIONS = 20
/** Deferrals in a row before a person is asked: a week and more of a quota that never comes back. */
const MOST_DEFERRALS = 200
/** Fixes a failing test asks for by itself, one after the other. */
const MOST_FIXES = 3
/** Saving is tried less often than the rest: its result stands either way. */
const MOST_TRIES: Readonly<Record<string, number>> = { releasing: 2 }
const MOST_TRIES_ELSEWHERE = 5

/** States that end an attempt: a cancellation waits for them instead of starting them again. */
const ENDING_STATES = ['recording', 'releasing', 'stopping']

/** Would this step leave the attempt with a failure? A guard sees the world before the step, so it looks ahead. */
const failsBy = (step: (at: At) => Partial<TaskContext>) => (at: At) =>
  ({ ...at.context, ...step(at) }).attempt?.failure != null

const parentWaits = ({ context }: At) => waitingParentLane(context.spec) !== null

const wantsFix = ({ context }: At) =>
  context.spec.kind === 'test' &&
  context.settled?.failure != null &&
  FAILURE_RULES[context.settled.failure.class].fix &&
  context.fixNo < MOST_FIXES

/** The task's guards, each a question with a yes or no from context and event alone. */
export const taskGuards = {
  /** The effect's failure passes by itself and its tries are not used up. */
  mayTryAgain: ({ context, event }: At, { at }: { at: string }) =>
    mayTryAgain(context.trouble, at, MOST_TRIES[at] ?? MOST_TRIES_ELSEWHERE, event),
  troubleAt: ({ context }: At, { at }: { at: string }) => context.trouble?.at === at,

  planIsBlocked: ({ event }: At) => outputOf('judgePlan', event).status === 'block',
  planNeedsReview: ({ event }: At) => outputOf('judgePlan', event).status === 'require_review',
  isPutOff: ({ event }: At) => outputOf('admitRun', event).putOff !== null,
  agentCompleted: ({ event }: At) => outputOf('runAgent', event).ending === 'completed',
  measurementFails: failsBy(attempt.keepMeasurement),
  measuredNothing: (at: At) => changedNothing({ ...at.context, ...attempt.keepMeasurement(at) }),
  workIsBlocked: failsBy(attempt.keepWorkPolicy),
  checksFail: failsBy(attempt.keepChecks),
  foundSecrets: failsBy(attempt.keepScan),
  changedNothing: ({ context }: At) => changedNothing(context),
  isRevision: ({ context }: At) => context.revision !== null,
  remoteDiffers: failsBy(attempt.keepReadBack),

  endingAsked: ({ context }: At) => context.ending !== null,
  interruptionsLeft: ({ context }: At) =>
    context.settled?.ending === 'interrupted' && context.interrupted <= MOST_INTERRUPTIONS,
  /** Another agent may take over at once: what stopped this one need not stop it. */
  fallbackLeft: ({ context: { agentNo, cleared, decision, failed, limits, settled } }: At) =>
    cleared &&
    (settled?.ending === 'failed' || settled?.ending === 'deferred') &&
    settled.failure !== null &&
    FALLS_BACK.has(settled.failure.class) &&
    agentNo < (decision?.fallbacks.length ?? 0) &&
    failed < (limits?.maxAttempts ?? 1),
  deferralsLeft: ({ context: { cleared, settled, deferred } }: At) =>
    cleared && settled?.ending === 'deferred' && deferred <= MOST_DEFERRALS,
  attemptsLeft: ({ context: { cleared, settled, failed, limits } }: At) =>
    cleared &&
    settled?.ending === 'failed' &&
    settled.failure !== null &&
    FAILURE_RULES[settled.failure.class].retry &&
    failed < (limits?.maxAttempts ?? 1),
  passed: ({ context }: At) => context.settled?.ending === 'passed',
  passedUnchanged: ({ context }: At) => context.settled?.ending === 'passed' && context.published === null,

  attemptOpen: ({ context }: At) => context.attempt !== null,
  attemptEnds: ({ context }: At) => ENDING_STATES.includes(context.trouble?.at ?? ''),
  reviewOpen: ({ context }: At) => context.reviewId !== null,
  isSetAside: ({ context: { ending } }: At) => ending?.kind === 'moved' && !ENDS.includes(ending.to),
  asksToSetAside: ({ context: { ending } }: At) => ending?.kind === 'asked' && !ENDS.includes(ending.to),
  asksToEnd: ({ context: { ending } }: At) => ending?.kind === 'asked' && ENDS.includes(ending.to),
  isMoved: ({ context }: At) => context.ending?.kind === 'moved',
  isClaimed: ({ context }: At) => context.claim !== null,
  movesToEnd: ({ event }: At) => ENDS.includes(told(event, 'MOVED').to),
  movesToQueue: ({ event }: At) => ['Ready', 'Backlog'].includes(told(event, 'MOVED').to),

  startApproved: ({ context, event }: At) => {
    const { gateId, decision } = told(event, 'GATE_DECIDED')
    return gateId === context.startGate && decision === 'approved'
  },
  startRejected: ({ context, event }: At) => {
    const { gateId, decision } = told(event, 'GATE_DECIDED')
    return gateId === context.startGate && decision === 'rejected'
  },
  startGateExpired: ({ context, event }: At) => told(event, 'GATE_EXPIRED').gateId === context.startGate,

  revisionsLeft: ({ context }: At) => context.revisions < (context.terms?.maxRevisions ?? 0),
  wantsVerification: ({ context }: At) => context.spec.kind === 'goal' && context.spec.verify,
  isMerged: ({ context }: At) => context.mergedSha !== null,
  reviewCanResume: ({ context }: At) => context.reviewResumes && context.reviewId !== null,
  pullIsGone: ({ event }: At) => told(event, 'REVIEW_BLOCKED').closed,
  awaitsInput: ({ context }: At) => context.blocked?.class === 'awaiting_input',
  childVerifies: ({ context, event }: At) => told(event, 'CHILD_DONE').taskId === context.verification,
  childFixed: ({ context, event }: At) => told(event, 'CHILD_DONE').taskId === context.fix,
  childFailed: ({ context, event }: At) => told(event, 'CHILD_FAILED').taskId === context.verification,

  parentWaits,
  wantsFix,
  wantsFixAndParentWaits: (at: At) => wantsFix(at) && parentWaits(at),
}
