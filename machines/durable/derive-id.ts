import { AttemptId, GateId, ReviewId, TaskId } from '../../src/contracts/ids.ts'

const LONGEST_BODY = 64

/** The n-th attempt of a task: `att-<task suffix>-<n>`. */
export const attemptIdOf = (taskId: TaskId, n: number): AttemptId =>
  AttemptId.parse(`att-${body(taskId, `${n}`)}`)

/** The n-th review loop of a task; a second one exists only where the first pull request was given up. */
export const reviewIdOf = (taskId: TaskId, n: number): ReviewId =>
  ReviewId.parse(`review-${body(taskId, `${n}`)}`)

/** The n-th gate that guards the start of a task. */
export const startGateIdOf = (taskId: TaskId, n: number): GateId =>
  GateId.parse(`gate-${body(taskId, `start-${n}`)}`)

/** The n-th gate that guards the merge of one review. */
export const mergeGateIdOf = (reviewId: ReviewId, n: number): GateId =>
  GateId.parse(`gate-${body(reviewId, `${n}`)}`)

/** The n-th follow-up of a task: a `test` that verifies it, or a `fix` of what a test found. */
export const followUpIdOf = (taskId: TaskId, role: 'test' | 'fix', n: number): TaskId =>
  TaskId.parse(`task-${body(taskId, `${role}-${n}`)}`)

/** The parent id without its kind, then the tail. A parent too long to carry a tail is cut, and told apart by its checksum. */
const body = (parentId: string, tail: string): string => {
  const suffix = parentId.slice(parentId.indexOf('-') + 1)
  const whole = `${suffix}-${tail}`
  if (whole.length <= LONGEST_BODY) return whole
  const mark = checksum(suffix)
  return `${suffix.slice(0, LONGEST_BODY - tail.length - mark.length - 2)}-${mark}-${tail}`
}

/** FNV-1a, 32 bits: tells cut ids apart; it protects against accidents only. */
const checksum = (text: string): string => {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash.toString(36)
}
