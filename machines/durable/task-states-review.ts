import { fixTask } from './task-follow-ups.ts'
import * as say from './task-messages.ts'
import { addVerification } from './task-restart.ts'
import { taskSetup } from './task-setup.ts'
import { leavable } from './task-states-common.ts'

const { taskMoves } = say
const addFix = { type: 'addTask', label: 'add fix task', params: fixTask } as const

/** From the published pull request to the end. */
export const reviewStates = {
  submitting: taskSetup.createStateConfig({
    description: 'Passing: hands the pull request to its review, or tells the review of the revision.',
    always: [
      { guard: 'reviewOpen', target: 'inReview', actions: [say.tellRevised, taskMoves.review] },
      { target: 'inReview', actions: ['openReview', say.startReview, taskMoves.review] },
    ],
  }),
  inReview: taskSetup.createStateConfig({
    description: 'The review judges, asks people where it must, and merges.',
    on: {
      ...leavable,
      MERGED: [
        {
          guard: 'wantsVerification',
          target: 'verifying',
          actions: ['keepMerge', 'planVerification', addVerification, taskMoves.verify],
        },
        { target: 'finishing', actions: 'keepMerge' },
      ],
      REVISE: [
        {
          guard: 'revisionsLeft',
          target: 'admitting',
          actions: ['keepRevision', taskMoves.revise],
        },
        { target: 'blocking', actions: 'blockByRevisions' },
      ],
      REVIEW_BLOCKED: { target: 'blocking', actions: 'blockByReview' },
      GATE_REJECTED: { target: 'blocking', actions: 'blockByGate' },
      REQUEUED: { target: 'setAside', actions: ['countRequeue', 'dropReview', taskMoves.requeue] },
    },
  }),
  verifying: taskSetup.createStateConfig({
    description: 'Merged. Waits for the test task that verifies it.',
    on: {
      ...leavable,
      CHILD_DONE: { guard: 'childVerifies', target: 'finishing' },
      CHILD_FAILED: { guard: 'childFailed', target: 'blocking', actions: 'blockByChild' },
    },
  }),
  blocking: taskSetup.createStateConfig({
    description: 'Passing: a test asks for a fix of what it found, and whoever waits for this task is told.',
    entry: 'countBlock',
    always: [
      {
        guard: 'wantsFixAndParentWaits',
        target: 'blocked',
        actions: ['planFix', addFix, say.tellFailed],
      },
      { guard: 'wantsFix', target: 'blocked', actions: ['planFix', addFix] },
      { guard: 'parentWaits', target: 'blocked', actions: say.tellFailed },
      { target: 'blocked' },
    ],
  }),
  blocked: taskSetup.createStateConfig({
    description:
      'Stopped, with class, reason and next action. A person, a claim or a follow-up takes it up again.',
    entry: [taskMoves.block, say.sayBlocked],
    on: {
      ...leavable,
      MOVED: [
        { guard: 'movesToEnd', target: 'leaving', actions: 'noteEnding' },
        { guard: 'movesToQueue', target: 'setAside' },
      ],
      RETRY: { target: 'takingUp', actions: 'insist' },
      CLAIMED: { target: 'takingUp', actions: 'noteClaim' },
      ANSWER: {
        guard: 'awaitsInput',
        target: 'planning',
        actions: ['takeAnswer', 'startOver', taskMoves.resume],
      },
      CHILD_DONE: [
        { guard: 'childVerifies', target: 'finishing' },
        { guard: 'childFixed', target: 'planning', actions: ['startOver', taskMoves.resume] },
      ],
    },
  }),
  finishing: taskSetup.createStateConfig({
    description: 'Passing: whoever waits for this task is told.',
    always: [{ guard: 'parentWaits', target: 'done', actions: say.tellDone }, { target: 'done' }],
  }),
  done: taskSetup.createStateConfig({
    type: 'final',
    description: 'The remote says merged (and verified where asked), or nothing had to be changed.',
    entry: taskMoves.done,
  }),
  cancelled: taskSetup.createStateConfig({
    type: 'final',
    description: 'A person ended it. The agent is proved dead, its work saved.',
  }),
}
