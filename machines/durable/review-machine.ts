/**
 * A review: drives one pull request to its merge, or says what stands in the way. Owner: the lane `review`.
 * Invariants: it merges only a head with an approving verdict and passing checks, on the base that was judged or whose
 * merge result was checked, with an approval of that head and patch wherever a person must be asked.
 * Chart: docs/machines/review.md.
 */
import { startedReview } from './review-context.ts'
import * as say from './review-messages.ts'
import { cancellable, reviewSetup, tryAgain } from './review-setup.ts'
import { reviewInputs } from './review-steps.ts'

/** Rises with every change of the chart or the context; a stored review of an older version needs a migration. */
export const REVIEW_VERSION = 2

const revise = { target: 'revising', actions: ['countRevision', say.tellRevise] } as const
const usedUp = { target: 'stopped', actions: say.tellRevisionsUsedUp } as const
const givenUp = [
  { guard: 'cancelling', target: 'closed', actions: say.tellClosed },
  { target: 'stopped', actions: say.tellTrouble },
] as const

export const reviewMachine = reviewSetup.createMachine({
  id: 'review',
  context: ({ input }) => startedReview(input),
  initial: 'judging',
  states: {
    judging: {
      description:
        'Computes a verdict from facts: head, base, checks, measured scope. Reads the forge first.',
      invoke: {
        id: 'judgePull',
        src: 'judgePull',
        input: reviewInputs.judgePull,
        onDone: [
          { guard: 'pullMerged', target: 'merged', actions: ['keepMergedPull', say.tellMerged] },
          { guard: 'cancelling', target: 'closed', actions: say.tellClosed },
          { guard: 'pullClosed', target: 'closed', actions: say.tellPullGone },
          { guard: 'rejects', target: 'stopped', actions: say.tellRejected },
          { guard: 'revisesAndMay', ...revise },
          { guard: 'revises', ...usedUp },
          { guard: 'approves', target: 'weighing', actions: 'keepVerdict' },
          { target: 'stopped', actions: say.tellUnbound },
        ],
        onError: [tryAgain('judging'), ...givenUp],
      },
      on: { CANCEL: { actions: 'noteCancelling' } },
    },
    weighing: {
      description: 'Passing: what an approved head still needs before it may be merged.',
      always: [
        { guard: 'baseUnchecked', target: 'rechecking' },
        { guard: 'personMustApprove', target: 'asking' },
        { target: 'merging' },
      ],
    },
    rechecking: {
      description: 'The base moved since the work was checked: checks the merge result.',
      invoke: {
        id: 'checkMerge',
        src: 'checkMerge',
        input: reviewInputs.checkMerge,
        onDone: [
          { guard: 'mergePasses', target: 'weighing', actions: 'keepMergeCheck' },
          { guard: 'revisionsLeft', ...revise },
          usedUp,
        ],
        onError: [tryAgain('rechecking'), ...givenUp],
      },
      on: cancellable,
    },
    asking: {
      description: 'Passing: opens a gate for exactly this head and patch and says so on the pull request.',
      entry: ['openGate', say.startGate, say.sayAsked, say.showHuman],
      always: 'awaitingGate',
    },
    awaitingGate: {
      description:
        'Waits for a person. Silence reminds; it merges or requeues only where the repository says so.',
      on: {
        GATE_DECIDED: [
          { guard: 'gateApproves', target: 'weighing', actions: ['keepApproval', say.showAutomated] },
          { guard: 'gateRejects', target: 'stopped', actions: ['closeGate', say.tellGateRejected] },
        ],
        GATE_EXPIRED: { guard: 'gateExpired', target: 'asking' },
        CANCEL: { target: 'judging', actions: [say.withdrawGate, 'closeGate', 'noteCancelling'] },
      },
      after: {
        humanTimeout: [
          {
            guard: 'silenceMerges',
            target: 'weighing',
            actions: [say.withdrawGate, 'keepSilence', 'closeGate', say.showAutomated],
          },
          {
            guard: 'silenceRequeues',
            target: 'closed',
            actions: [say.withdrawGate, 'closeGate', say.tellRequeued],
          },
          { target: 'awaitingGate', reenter: true, actions: ['countReminder', say.sayReminder] },
        ],
      },
    },
    merging: {
      description: 'Merges by compare-and-set on head and base. A cancellation waits for the answer.',
      invoke: {
        id: 'mergePull',
        src: 'mergePull',
        input: reviewInputs.mergePull,
        onDone: [
          { guard: 'isMerged', target: 'merged', actions: ['keepMerge', say.tellMerged] },
          { guard: 'cancelling', target: 'closed', actions: say.tellClosed },
          { guard: 'headMoved', target: 'judging', actions: 'keepMovedHead' },
          { guard: 'baseMoved', target: 'rechecking', actions: 'keepMovedBase' },
          { guard: 'conflictsAndMay', ...revise },
          { guard: 'conflicts', ...usedUp },
          { guard: 'wasClosed', target: 'closed', actions: say.tellPullGone },
          { target: 'stopped', actions: say.tellRestless },
        ],
        onError: [
          { guard: 'cancelling', target: 'judging' },
          tryAgain('merging'),
          { target: 'stopped', actions: say.tellTrouble },
        ],
      },
      on: { CANCEL: { actions: 'noteCancelling' } },
    },
    waitingOut: {
      description: 'An effect failed in passing; it is tried again after a growing delay.',
      after: {
        troubleDelay: [
          { guard: 'cancelling', target: 'judging' },
          ...(['judging', 'rechecking', 'merging'] as const).map(
            (at) => ({ guard: { type: 'troubleAt', params: { at } }, target: at }) as const,
          ),
        ],
      },
      on: cancellable,
    },
    revising: {
      description: 'The task works on a revision; it answers with REVISED or takes the review back.',
      on: { REVISED: { target: 'judging', actions: 'takeRevised' }, ...cancellable },
    },
    stopped: {
      description:
        'The task is Blocked by what the review found; a person takes it up again through the task.',
      on: {
        REVISED: { target: 'judging', actions: ['takeRevised', 'startCountAgain'] },
        RESUME: { target: 'judging', actions: 'startCountAgain' },
        ...cancellable,
      },
    },
    merged: { type: 'final', description: 'The forge says merged; the task was told.' },
    closed: { type: 'final', description: 'Given up: taken back, requeued, or closed by somebody else.' },
  },
})
