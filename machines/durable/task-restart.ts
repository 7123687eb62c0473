import { verificationTask } from './task-follow-ups.ts'
import { taskMoves, tellResume } from './task-messages.ts'

/** Creates the test that verifies a merged goal. */
export const addVerification = { type: 'addTask', label: 'add test task', params: verificationTask } as const

/** What is left to do of a stopped or set-aside task: only its verification, only its review, or all of it. */
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
