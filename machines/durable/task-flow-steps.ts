import type { BoardState } from '../../src/contracts/task.ts'
import { followUpIdOf, reviewIdOf, startGateIdOf } from './derive-id.ts'
import type { AnyEvent } from './durable-event.ts'
import { blockedBy } from './failure-rules.ts'
import { present, type TaskContext } from './task-context.ts'
import type { TaskEvent, TaskEventOf } from './task-events.ts'
import { failure } from './task-facts.ts'

interface At {
  readonly context: TaskContext
  readonly event: AnyEvent
}
type Change = Partial<TaskContext>

const LONGEST_CONSTRAINTS = 50_000

/** Opens the question whether this task may start. */
export const openStartGate = ({ context }: At): Change => {
  const startGateNo = context.startGateNo + 1
  return { startGateNo, startGate: startGateIdOf(context.spec.id, startGateNo) }
}

/** An operator said no: the attempt in which nothing ran records it. */
export const refuseStart = ({ context, event }: At): Change => {
  const { by, note } = told(event, 'GATE_DECIDED')
  const attempt = present(context.attempt, 'attempt')
  return { attempt: { ...attempt, failure: failure('scope_policy', `${by} rejected the start: ${note}`) } }
}

/** Opens the review of what was published. */
export const openReview = ({ context }: At): Change => {
  const reviewNo = context.reviewNo + 1
  return { reviewNo, reviewId: reviewIdOf(context.spec.id, reviewNo) }
}

/** The review wants changes: the next attempts continue on the pull request's branch and know why. */
export const keepRevision = ({ context, event }: At): Change => {
  const { reasons, headSha, branch, pullId, class: cls } = told(event, 'REVISE')
  return {
    revision: { pullId, branch, headSha, reasons },
    revisions: context.revisions + 1,
    failed: 0,
    interrupted: 0,
    priorFailures: [
      {
        attempt: Math.max(context.attemptNo, 1),
        failure: failure(cls, reasons.join('; ') || 'see the review'),
      },
    ],
  }
}

/** The pull request is given up; what comes next opens a new one. */
export const dropReview = (): Change => ({
  published: null,
  reviewId: null,
  revision: null,
  revisions: 0,
  reviewResumes: false,
})

export const countRequeue = ({ context }: At): Change => ({ requeues: context.requeues + 1 })

/** The remote says merged: whatever else was asked meanwhile comes too late. */
export const keepMerge = ({ event }: At): Change => ({
  mergedSha: told(event, 'MERGED').sha,
  reviewId: null,
  ending: null,
})

/** Names the test that is to verify the merged goal. */
export const planVerification = ({ context }: At): Change => {
  const verificationNo = context.verificationNo + 1
  return { verificationNo, verification: followUpIdOf(context.spec.id, 'test', verificationNo) }
}

/** Names the goal that is to fix what this test found. */
export const planFix = ({ context }: At): Change => {
  const fixNo = context.fixNo + 1
  return { fixNo, fix: followUpIdOf(context.spec.id, 'fix', fixNo) }
}

/** Someone asks for the end, or moved the card. The latest word wins. */
export const noteEnding = ({ event }: At): Change => {
  if (event.type === 'MOVED') return { ending: { kind: 'moved', to: told(event, 'MOVED').to }, claim: null }
  if (event.type === 'MOVE') {
    const { to, by, reason } = told(event, 'MOVE')
    return { ending: { kind: 'asked', to, by, reason }, claim: null }
  }
  return { ending: { kind: 'cancelled', by: told(event, 'CANCEL').by } }
}

/** A lane claimed the task again; it is taken up as soon as nothing of the last time is under way. */
export const noteClaim = ({ event }: At): Change => ({ claim: told(event, 'CLAIMED').runId })

/** Starts anew after a person or a lane asked: the counts begin again, what is known of earlier failures stays. */
export const startOver = ({ context }: At): Change => ({
  runId: context.claim ?? context.runId,
  claim: null,
  failed: 0,
  interrupted: 0,
  deferred: 0,
  agentNo: 0,
  revisions: 0,
  reviewResumes: false,
  settled: null,
  blocked: null,
  ending: null,
  trouble: null,
})

/** The answer becomes part of what is asked, and goes to the session that asked. Where there is no room the older text gives way. */
export const takeAnswer = ({ context, event }: At): Change => {
  const { by, text } = told(event, 'ANSWER')
  const answer = `\n\nAnswer by ${by}: ${text}`
  const before = (context.spec.constraints ?? '').slice(0, LONGEST_CONSTRAINTS - answer.length)
  return {
    spec: { ...context.spec, constraints: `${before}${answer}`.trimStart() },
    answer: { by, text },
  }
}

/** Why the task stops, in the words of the last attempt. */
export const blockByAttempt = ({ context }: At): Change => {
  const { settled, spec } = context
  const interrupted = failure('infra_tooling', `interrupted ${context.interrupted} times in a row`)
  return { blocked: blockedBy(settled?.failure ?? interrupted, spec.id) }
}

/** Why the task stops, in the words of the review. The next attempt continues on the pull request where there still is one. */
export const blockByReview = ({ context, event }: At): Change => {
  const { blocked, closed, resume, headSha } = told(event, 'REVIEW_BLOCKED')
  if (closed) return { ...dropReview(), blocked }
  return { blocked, reviewResumes: resume, revision: revisionFor(context, blocked.reason, headSha) }
}

/** An operator rejected the merge. */
export const blockByGate = ({ context, event }: At): Change => {
  const { by, note } = told(event, 'GATE_REJECTED')
  const reason = `${by} rejected the merge: ${note}`
  return {
    blocked: blockedBy(failure('scope_policy', reason), context.spec.id),
    revision: revisionFor(context, reason, context.published?.commit.sha),
  }
}

/** The review still wants changes, and the revisions are used up. */
export const blockByRevisions = ({ context, event }: At): Change => {
  const { reasons, class: cls, headSha } = told(event, 'REVISE')
  const reason = `${context.revisions} revisions did not satisfy the review: ${reasons.join('; ')}`
  return {
    blocked: blockedBy(failure(cls, reason), context.spec.id),
    revision: revisionFor(context, reasons.join('; '), headSha),
  }
}

/** The test that verifies this goal failed. */
export const blockByChild = ({ context, event }: At): Change => {
  const { taskId, reason } = told(event, 'CHILD_FAILED')
  const cause = failure('validation_failure', `merged, but ${taskId} could not verify it: ${reason}`)
  return { blocked: blockedBy(cause, context.spec.id) }
}

export const countBlock = ({ context }: At): Change => ({ blockedNo: context.blockedNo + 1 })

/** Where a moved card may be claimed again, and where that is the end. */
export const ENDS: readonly BoardState[] = ['Done', 'Cancelled']

/** The event as the one a transition is for. @throws Error when the chart wires another one. */
export const told = <T extends TaskEvent['type']>(event: AnyEvent, type: T): TaskEventOf<T> => {
  if (event.type !== type) throw new Error(`expected ${type}, got ${event.type}`)
  return event as TaskEventOf<T>
}

const revisionFor = (
  { published }: TaskContext,
  reason: string,
  headSha: string | undefined,
): TaskContext['revision'] =>
  published && {
    pullId: published.pull.id,
    branch: published.pull.headBranch,
    headSha: headSha ?? published.commit.sha,
    reasons: [reason],
  }
