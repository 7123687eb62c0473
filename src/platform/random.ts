import { randomBytes } from 'node:crypto'
import type {
  AttemptId,
  GateId,
  IdKind,
  IncarnationId,
  PullId,
  ReviewId,
  RunId,
  TaskId,
} from '../contracts/ids.ts'

/** The branded type of each kind of id. */
export interface IdOfKind {
  task: TaskId
  run: RunId
  att: AttemptId
  gate: GateId
  review: ReviewId
  pull: PullId
  inc: IncarnationId
}

let lastMs = 0

/**
 * A new id, lower case: kind, nine base-36 digits of time, 64 random bits. Ids sort by time, and those of one process
 * in the order they were drawn (a millisecond is used once).
 * @example newId('task') // 'task-0mi6p3x8q1f0c9…'
 */
export const newId = <K extends IdKind>(kind: K): IdOfKind[K] => {
  lastMs = Math.max(Date.now(), lastMs + 1)
  return `${kind}-${lastMs.toString(36).padStart(9, '0')}${randomHex(8)}` as IdOfKind[K]
}

/** `bytes` unguessable bytes as lower-case hexadecimal digits. */
export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex')
