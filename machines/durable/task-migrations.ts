import { gained } from './migrate-context.ts'
import { TaskContext } from './task-context.ts'

/** What version 2 knows beside what version 1 stored: nothing was ever put off, broken off or handed over. */
const NEW_IN_2 = {
  deferred: 0,
  deferralMs: 0,
  insisted: false,
  agentNo: 0,
  session: null,
  answer: null,
  handoff: null,
}

/**
 * What lifts stored tasks of older versions, by the version they were stored by.
 * 1: `MOVE` and the ending it notes are new, and what an attempt leaves to go on with.
 */
export const TASK_MIGRATIONS = { 1: gained(TaskContext, NEW_IN_2) } as const
