import { type AnyEvent, outputOf } from './durable-event.ts'
import type { ReviewContext } from './review-context.ts'
import { candidateOf, told } from './review-steps.ts'
import { mayTryAgain } from './trouble.ts'

interface At {
  readonly context: ReviewContext
  readonly event: AnyEvent
}

const MOST_TRIES = 5
/** How often head or base may move under a merge before a person is asked to look. */
const MOST_MOVES = 20

/** Why a person must approve this merge, one sentence each; empty where nobody has to. */
export const personReasons = ({ terms, policyReview, checks }: ReviewContext): string[] => [
  ...(terms.merge === 'manual' ? ['the repository is merged by people (merge: manual)'] : []),
  ...(terms.requireExplicitApproval ? ['the repository requires an explicit approval'] : []),
  ...(terms.merge === 'auto' && checks.results.length === 0
    ? ['no check ran, so nothing proves the change']
    : []),
  ...policyReview,
]

const judged = (event: AnyEvent) => outputOf('judgePull', event)

const revisionsLeft = ({ context }: At) => context.revisions < context.terms.maxRevisions

/** An approval holds for its head and its patch, whatever base the patch is on. */
const approvalHolds = ({ context }: At) => {
  const { approval } = context
  const { headSha, patchId } = candidateOf(context)
  return approval !== null && approval.headSha === headSha && approval.patchId === patchId
}

/** Silence may approve only where the repository says so, nobody must approve explicitly, no policy asks and a check ran. */
const silenceMerges = ({ context: { terms, policyReview, checks } }: At) =>
  terms.onHumanTimeout === 'merge' &&
  !terms.requireExplicitApproval &&
  policyReview.length === 0 &&
  checks.results.length > 0

const outcomeIs = (outcome: string) => (at: At) => outputOf('mergePull', at.event).outcome === outcome

/** The review's guards, each a question with a yes or no from context and event alone. */
export const reviewGuards = {
  mayTryAgain: ({ context, event }: At, { at }: { at: string }) =>
    mayTryAgain(context.trouble, at, MOST_TRIES, event),
  troubleAt: ({ context }: At, { at }: { at: string }) => context.trouble?.at === at,
  cancelling: ({ context }: At) => context.cancelling,

  pullMerged: ({ event }: At) => judged(event).facts.pull.state === 'merged',
  pullClosed: ({ event }: At) => judged(event).facts.pull.state === 'closed',
  rejects: ({ event }: At) => judged(event).verdict.decision === 'reject',
  revises: ({ event }: At) => judged(event).verdict.decision === 'revise',
  revisesAndMay: (at: At) => judged(at.event).verdict.decision === 'revise' && revisionsLeft(at),
  /**
   * An approving verdict counts only for the head the forge shows, with passing checks of that very head. It speaks of
   * the base those checks ran on; where the forge shows another one, the merge result is checked first (`baseUnchecked`).
   */
  approves: ({ context, event }: At) => {
    const { verdict, facts } = judged(event)
    const bound = verdict.headSha === facts.headSha && verdict.headSha === context.commit.sha
    const checked = context.checks.passed && context.checks.sha === verdict.headSha
    return verdict.decision === 'approve' && bound && checked
  },

  /** Merging onto another base than the work was checked on needs the merge result checked. */
  baseUnchecked: ({ context }: At) => {
    const { baseSha, report } = candidateOf(context)
    return baseSha !== context.commit.baseSha && report === null
  },
  personMustApprove: (at: At) => personReasons(at.context).length > 0 && !approvalHolds(at),

  mergePasses: ({ event }: At) => {
    const check = outputOf('checkMerge', event)
    return check.result === 'clean' && check.report.passed && check.report.purpose === 'merge_result'
  },
  revisionsLeft,

  gateApproves: ({ context, event }: At) => {
    const { gateId, decision, headSha, patchId } = told(event, 'GATE_DECIDED')
    const asked = candidateOf(context)
    const sameSubject = headSha === asked.headSha && patchId === asked.patchId
    return gateId === context.gateId && decision === 'approved' && sameSubject
  },
  gateRejects: ({ context, event }: At) => {
    const { gateId, decision } = told(event, 'GATE_DECIDED')
    return gateId === context.gateId && decision === 'rejected'
  },
  gateExpired: ({ context, event }: At) => told(event, 'GATE_EXPIRED').gateId === context.gateId,
  silenceMerges,
  silenceRequeues: ({ context }: At) => context.terms.onHumanTimeout === 'requeue',

  isMerged: outcomeIs('merged'),
  headMoved: (at: At) => outcomeIs('head_moved')(at) && at.context.moves < MOST_MOVES,
  baseMoved: (at: At) => outcomeIs('base_moved')(at) && at.context.moves < MOST_MOVES,
  conflictsAndMay: (at: At) => outcomeIs('conflict')(at) && revisionsLeft(at),
  conflicts: outcomeIs('conflict'),
  wasClosed: outcomeIs('closed'),
}
