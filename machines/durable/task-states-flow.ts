import { taskInputs } from './task-inputs.ts'
import * as say from './task-messages.ts'
import { restart } from './task-restart.ts'
import { taskSetup, tryAgain } from './task-setup.ts'
import { endingNoted, leavable, leavableWhileWaiting } from './task-states-common.ts'

const { taskMoves } = say

/** States whose effects are tried again after a while. */
const RESUMABLE = [
  'planning',
  'judging',
  'admitting',
  'preparing',
  'working',
  'measuring',
  'judgingWork',
  'checking',
  'scanning',
  'publishing',
  'opening',
  'readingBack',
  'stopping',
  'recording',
  'releasing',
] as const

/** A person does not want to wait. */
const askAgain = { target: 'admitting', actions: ['firstAgent', 'insist', taskMoves.resume] } as const

/** From the claim to the first attempt, and from one attempt to the next. */
export const flowStates = {
  planning: taskSetup.createStateConfig({
    description: 'Writes down what is about to be done, by which agent and rule, within which limits.',
    entry: 'withdrawClearance',
    invoke: {
      id: 'plan',
      src: 'plan',
      input: taskInputs.plan,
      onDone: { target: 'judging', actions: 'keepPlan' },
      onError: [tryAgain('planning'), { target: 'recording', actions: ['beginAttempt', 'failByEffect'] }],
    },
    on: leavable,
  }),
  judging: taskSetup.createStateConfig({
    description: 'The policy judges the plan before anything runs.',
    invoke: {
      id: 'judgePlan',
      src: 'judgePlan',
      input: taskInputs.judgePlan,
      onDone: [
        {
          guard: 'planIsBlocked',
          target: 'recording',
          actions: ['keepPlanPolicy', 'beginAttempt', 'refusePlan'],
        },
        {
          guard: 'planNeedsReview',
          target: 'askingStart',
          actions: ['keepPlanPolicy', taskMoves.askStart],
        },
        { target: 'admitting', actions: ['keepPlanPolicy', 'clearStart'] },
      ],
      onError: [tryAgain('judging'), { target: 'recording', actions: ['beginAttempt', 'failByEffect'] }],
    },
    on: leavable,
  }),
  askingStart: taskSetup.createStateConfig({
    description: 'Passing: opens a gate that asks people whether the task may start.',
    always: { target: 'awaitingStart', actions: ['openStartGate', say.startGate] },
  }),
  awaitingStart: taskSetup.createStateConfig({
    description: 'Waits for a person to approve the start. An expired gate is opened anew.',
    on: {
      GATE_DECIDED: [
        {
          guard: 'startApproved',
          target: 'admitting',
          actions: ['clearStart', taskMoves.start],
        },
        { guard: 'startRejected', target: 'recording', actions: ['beginAttempt', 'refuseStart'] },
      ],
      GATE_EXPIRED: { guard: 'startGateExpired', target: 'askingStart' },
      CANCEL: { target: 'leaving', actions: ['noteEnding', say.withdrawStartGate] },
      MOVED: { target: 'leaving', actions: ['noteEnding', say.withdrawStartGate] },
      MOVE: { target: 'leaving', actions: ['noteEnding', say.withdrawStartGate] },
    },
  }),
  admitting: taskSetup.createStateConfig({
    description:
      'Asks whether the agent may run now, before anything is made ready for it. Where not, a fallback is asked, or the task is put off.',
    invoke: {
      id: 'admitRun',
      src: 'admitRun',
      input: taskInputs.admitRun,
      onDone: [
        { guard: 'isPutOff', target: 'deciding', actions: 'keepPutOff' },
        { target: 'preparing', actions: 'beginAttempt' },
      ],
      onError: [tryAgain('admitting'), { target: 'recording', actions: ['beginAttempt', 'failByEffect'] }],
    },
    on: leavable,
  }),
  deciding: taskSetup.createStateConfig({
    description: 'Passing: what follows from the attempt that was just settled, or put off.',
    always: [
      { guard: 'endingAsked', target: 'leaving' },
      { guard: 'interruptionsLeft', target: 'retryWait' },
      { guard: 'passedUnchanged', target: 'finishing' },
      { guard: 'passed', target: 'submitting' },
      { guard: 'fallbackLeft', target: 'admitting', actions: 'nextAgent' },
      { guard: 'deferralsLeft', target: 'deferred' },
      { guard: 'attemptsLeft', target: 'retryWait' },
      { target: 'blocking', actions: 'blockByAttempt' },
    ],
  }),
  deferred: taskSetup.createStateConfig({
    description:
      'Money, a quota or a window says not now: the card goes back until then, and with it the place in the lane. Nothing of it counts as an attempt. RETRY asks at once.',
    entry: taskMoves.putOff,
    after: { deferral: 'queued' },
    on: { ...leavable, RETRY: askAgain },
  }),
  queued: taskSetup.createStateConfig({
    description:
      'The wait is over: begins again, with the agent that was decided on, once a lane has a place for it. RETRY asks at once.',
    entry: taskMoves.queueAgain,
    on: { ...leavable, CLAIMED: { target: 'admitting', actions: 'firstAgent' }, RETRY: askAgain },
  }),
  retryWait: taskSetup.createStateConfig({
    description: 'Waits before the next attempt, which is told how the earlier ones failed.',
    after: { retryDelay: 'admitting' },
    on: leavable,
  }),
  waitingOut: taskSetup.createStateConfig({
    description:
      'An effect failed in passing; it is tried again after a growing delay, within the same attempt.',
    after: {
      troubleDelay: RESUMABLE.map(
        (at) => ({ guard: { type: 'troubleAt', params: { at } }, target: at }) as const,
      ),
    },
    on: leavableWhileWaiting,
  }),
  leaving: taskSetup.createStateConfig({
    description:
      'Passing: ends the task, or sets it aside where a person moved its card back; moves the card where that was asked.',
    always: [
      { guard: 'reviewOpen', target: 'withdrawing' },
      { guard: 'asksToSetAside', target: 'setAside', actions: taskMoves.asAsked },
      { guard: 'asksToEnd', target: 'cancelled', actions: taskMoves.asAsked },
      { guard: 'isSetAside', target: 'setAside' },
      { guard: 'isMoved', target: 'cancelled' },
      { target: 'cancelled', actions: taskMoves.cancel },
    ],
  }),
  withdrawing: taskSetup.createStateConfig({
    description: 'Takes the review back. A merge that was already under way is the truth and wins.',
    entry: say.tellCancel,
    on: {
      ...endingNoted,
      REVIEW_CLOSED: { target: 'leaving', actions: 'dropReview' },
      REVIEW_BLOCKED: { guard: 'pullIsGone', target: 'leaving', actions: 'dropReview' },
      REQUEUED: { target: 'leaving', actions: 'dropReview' },
      MERGED: { target: 'finishing', actions: 'keepMerge' },
    },
    after: { askReviewAgain: { target: 'withdrawing', reenter: true } },
  }),
  takingUp: taskSetup.createStateConfig({
    description: 'Passing: takes up a stopped or set-aside task; as little as possible is done anew.',
    always: restart,
  }),
  setAside: taskSetup.createStateConfig({
    description:
      'Off the lane: the card was moved away or requeued. Waits until a lane claims the task again.',
    always: { guard: 'isClaimed', target: 'takingUp' },
    on: {
      ...leavable,
      MOVED: { guard: 'movesToEnd', target: 'leaving', actions: 'noteEnding' },
      RETRY: { actions: taskMoves.queue },
      CLAIMED: { target: 'takingUp', actions: 'noteClaim' },
      CHILD_DONE: { guard: 'childVerifies', target: 'finishing' },
    },
  }),
}
