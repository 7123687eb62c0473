import { z } from 'zod'
import { Blocked } from '../../src/contracts/failure.ts'
import { PullId, RunId, Sha, TaskId } from '../../src/contracts/ids.ts'
import { BoardState } from '../../src/contracts/task.ts'
import { GateDecided, GateExpired } from './gate-events.ts'

/** Where a person may put a card. */
export const MoveTarget = BoardState.exclude(['Running', 'Review'])

/** From people and lanes, through the inbox. */
const PersonEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('CANCEL'), by: z.string().min(1) }),
  z.object({ type: z.literal('RETRY'), by: z.string().min(1) }),
  /** A person moved the card themselves; the board already shows `to`. */
  z.object({ type: z.literal('MOVED'), to: BoardState }),
  /** A person wants the card elsewhere: it stays where it is until the agent is proved dead, then the task moves it. */
  z.object({ type: z.literal('MOVE'), to: MoveTarget, by: z.string().min(1), reason: z.string().max(2_000) }),
  z.object({ type: z.literal('ANSWER'), by: z.string().min(1), text: z.string().min(1).max(10_000) }),
  /** A lane claimed a task that was set aside or Blocked. Sent with every claim; a task that just started ignores it. */
  z.object({ type: z.literal('CLAIMED'), runId: RunId }),
])

/** From the task's review. */
const ReviewReply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('MERGED'), sha: Sha }),
  z.object({
    type: z.literal('REVISE'),
    class: z.enum(['validation_failure', 'merge_conflict']),
    reasons: z.array(z.string()).min(1),
    headSha: Sha,
    branch: z.string().min(1),
    pullId: PullId,
  }),
  z.object({
    type: z.literal('REVIEW_BLOCKED'),
    blocked: Blocked,
    /** Where the pull request's branch is: the next attempt goes on from there. */
    headSha: Sha,
    /** The pull request is gone: the next attempt needs a new one. */
    closed: z.boolean(),
    /** The same pull request may be judged again as it is. */
    resume: z.boolean(),
  }),
  z.object({ type: z.literal('GATE_REJECTED'), by: z.string(), note: z.string() }),
  /** Nobody answered and the repository says: put it back. */
  z.object({ type: z.literal('REQUEUED'), reason: z.string() }),
  z.object({ type: z.literal('REVIEW_CLOSED') }),
])

/** From a follow-up task. */
const ChildReply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('CHILD_DONE'), taskId: TaskId }),
  z.object({ type: z.literal('CHILD_FAILED'), taskId: TaskId, reason: z.string() }),
])

/** Everything a task may be told. */
export const TaskEvent = z.union([PersonEvent, ReviewReply, ChildReply, GateDecided, GateExpired])
export type TaskEvent = z.infer<typeof TaskEvent>
export type TaskEventOf<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }>
