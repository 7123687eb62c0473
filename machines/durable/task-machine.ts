/**
 * A task: everything from its claim to Done, Blocked or Cancelled. Owner: the lane of its kind.
 * Invariants: one attempt at a time, released before the next begins; success only by what the remote shows; whatever
 * ends, its evidence is written and its workspace saved first; a person's word is heard in every state.
 * Chart: docs/machines/task.md.
 */
import { startedTask } from './task-context.ts'
import { taskSetup } from './task-setup.ts'
import { attemptStates } from './task-states-attempt.ts'
import { flowStates } from './task-states-flow.ts'
import { reviewStates } from './task-states-review.ts'

/** Rises with every change of the chart or the context; a stored task of an older version needs a migration. */
export const TASK_VERSION = 2

export const taskMachine = taskSetup.createMachine({
  id: 'task',
  context: ({ input }) => startedTask(input),
  initial: 'planning',
  states: { ...flowStates, ...attemptStates, ...reviewStates },
})
