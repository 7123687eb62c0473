import type { EffectInput } from '../../src/contracts/effect-io.ts'
import { mergeGateIdOf } from './derive-id.ts'
import { type AnyEvent, nowOf, outputOf } from './durable-event.ts'
import type { Candidate, ReviewContext } from './review-context.ts'
import type { ReviewEvent, ReviewEventOf } from './review-events.ts'

interface At {
  readonly context: ReviewContext
  readonly event: AnyEvent
}
type Change = Partial<ReviewContext>

/** The verdict, and what it would merge: this head on the base that the forge shows now. */
export const keepVerdict = ({ event }: At): Change => {
  const { verdict, facts } = outputOf('judgePull', event)
  const { headSha, patchId } = verdict
  return { verdict, candidate: { headSha, baseSha: facts.baseSha, patchId, report: null }, trouble: null }
}

/** The forge shows it merged, by us or by somebody else. */
export const keepMergedPull = ({ event }: At): Change => {
  const { facts } = outputOf('judgePull', event)
  return { mergedSha: facts.pull.mergeSha ?? facts.headSha }
}

/** The base moved under the merge: the result on the new base must be checked before it may be merged. */
export const keepMovedBase = ({ context, event }: At): Change => {
  const outcome = outputOf('mergePull', event)
  const baseSha = outcome.outcome === 'base_moved' ? outcome.baseSha : candidateOf(context).baseSha
  return { candidate: { ...candidateOf(context), baseSha, report: null }, ...countMove(context) }
}

/** The head moved under the merge: everything is judged afresh. */
export const keepMovedHead = ({ context }: At): Change => ({ candidate: null, ...countMove(context) })

/** The merge result passed its checks; its patch decides whether an approval still holds. */
export const keepMergeCheck = ({ context, event }: At): Change => {
  const check = outputOf('checkMerge', event)
  if (check.result === 'conflict') return {}
  return {
    candidate: { ...candidateOf(context), patchId: check.patchId, report: check.report },
    trouble: null,
  }
}

export const keepMerge = ({ event }: At): Change => {
  const outcome = outputOf('mergePull', event)
  return outcome.outcome === 'merged' ? { mergedSha: outcome.sha, trouble: null } : {}
}

/** Opens the next question about what would be merged now. */
export const openGate = ({ context }: At): Change => {
  const gateNo = context.gateNo + 1
  return { gateNo, gateId: mergeGateIdOf(context.reviewId, gateNo), approval: null }
}

/** An operator approved exactly this head and patch. */
export const keepApproval = ({ event }: At): Change => {
  const { gateId, by, headSha, patchId } = told(event, 'GATE_DECIDED')
  return { approval: { gateId, by, headSha: headSha ?? '', patchId: patchId ?? '' }, gateId: null }
}

/** The repository lets silence approve what was asked about. */
export const keepSilence = ({ context }: At): Change => {
  const { headSha, patchId } = candidateOf(context)
  const gateId = context.gateId
  if (gateId === null) throw new Error(`${context.reviewId} asked nobody, so silence says nothing`)
  return { approval: { gateId, by: null, headSha, patchId } }
}

export const closeGate = (): Change => ({ gateId: null })
export const countReminder = ({ context }: At): Change => ({ reminders: context.reminders + 1 })
export const countRevision = ({ context }: At): Change => ({ revisions: context.revisions + 1 })
export const noteCancelling = (): Change => ({ cancelling: true })

/** A revision takes the place of what was judged before. After a stop a person asked for it, so the count begins again. */
export const takeRevised = ({ event }: At): Change => {
  const { type: _, attemptId, pull, commit, checks, policyReview } = told(event, 'REVISED')
  return {
    ...{ attemptId, pull, commit, checks, policyReview },
    ...{ verdict: null, candidate: null, approval: null, moves: 0, trouble: null },
  }
}

export const startCountAgain = (): Change => ({ revisions: 0, moves: 0, trouble: null })

/** What each effect of the review is given. */
export const reviewInputs = {
  judgePull: ({ context }: At): EffectInput<'judgePull'> => ({
    pullId: context.pull.id,
    repo: context.pull.repo,
    attemptId: context.attemptId,
    commit: context.commit,
    checks: context.checks,
  }),
  checkMerge: ({ context, event }: At): EffectInput<'checkMerge'> => ({
    restore: context.checks.restored,
    attemptId: context.attemptId,
    repo: context.pull.repo,
    headSha: candidateOf(context).headSha,
    baseSha: candidateOf(context).baseSha,
    nowMs: nowOf(event),
  }),
  /** Merging states the head and the base that were judged: the forge refuses any other. */
  mergePull: ({ context, event }: At): EffectInput<'mergePull'> => ({
    pullId: context.pull.id,
    repo: context.pull.repo,
    headSha: candidateOf(context).headSha,
    baseSha: candidateOf(context).baseSha,
    method: context.terms.mergeMethod,
    message: `${context.pull.title}\n\nTask: ${context.taskId}\nAttempt: ${context.attemptId}\n`,
    nowMs: nowOf(event),
  }),
}

/** What would be merged now. @throws Error when nothing was judged yet. */
export const candidateOf = (context: ReviewContext): Candidate => {
  if (context.candidate === null) throw new Error(`${context.reviewId} has judged nothing yet`)
  return context.candidate
}

/** The event as the one a transition is for. @throws Error when the chart wires another one. */
export const told = <T extends ReviewEvent['type']>(event: AnyEvent, type: T): ReviewEventOf<T> => {
  if (event.type !== type) throw new Error(`expected ${type}, got ${event.type}`)
  return event as ReviewEventOf<T>
}

const countMove = (context: ReviewContext) => ({ moves: context.moves + 1, trouble: null })
