import { verificationTask } from './task-follow-ups.ts'
import { taskMoves, tellResume } from './task-messages.ts'

/** Creates the test that verifies a merged goal. */
export const addVerification = { type: 'addTask', params: verificationTask } as const

/** How a stopped or set-aside task is taken up again: as little as possible is done anew. */
export const restart = [
  {
    guard: 'isMerged',
    target: 'verifying',
    actions: ['startOver', 'planVerification', addVerification, taskMoves.verify],
  },
  {
    guard: 'reviewCanResume',
    target: 'inReview',
    actions: [tellResume, 'startOver', taskMoves.reviewAgain],
  },
  { target: 'planning', actions: ['startOver', taskMoves.resume] },
] as const
