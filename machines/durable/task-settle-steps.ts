import type { Usage } from '../../src/contracts/agent-run.ts'
import type { Failure } from '../../src/contracts/failure.ts'
import { deferralMs } from './deferral.ts'
import { type AnyEvent, nowOf, outputOf } from './durable-event.ts'
import { DEFERRING } from './failure-rules.ts'
import { type Attempt, present, type TaskContext } from './task-context.ts'
import { changedNothing, currentDecision, reviewReasons } from './task-facts.ts'

interface At {
  readonly context: TaskContext
  readonly event: AnyEvent
}
type Change = Partial<TaskContext>

/** How many failures of earlier attempts the next prompt is told. */
const REMEMBERED_FAILURES = 5

/** Closes the attempt: counts how it ended and keeps what was published, or what the next one can go on with. */
export const settleAttempt = ({ context, event }: At): Change => {
  const attempt = present(context.attempt, 'attempt')
  const closed = { attempt: null, trouble: null, insisted: false, ...carryOn(context, attempt) }
  if (context.ending !== null) return closed
  if (attempt.failure !== null && isDeferred(attempt))
    return {
      ...closed,
      ...putOff(context, attempt.failure, attempt.outcome?.retryAtMs ?? null, nowOf(event)),
    }
  if (attempt.failure !== null) {
    const told = { attempt: attempt.n, failure: attempt.failure }
    return {
      ...closed,
      settled: { ending: attempt.unrecorded ? 'unrecorded' : 'failed', failure: attempt.failure },
      failed: context.failed + 1,
      interrupted: 0,
      deferred: 0,
      priorFailures: [...context.priorFailures, told].slice(-REMEMBERED_FAILURES),
    }
  }
  if (attempt.outcome?.ending !== 'completed')
    return {
      ...closed,
      settled: { ending: 'interrupted', failure: null },
      interrupted: context.interrupted + 1,
    }
  return {
    ...closed,
    settled: { ending: 'passed', failure: null },
    published: publishedBy(context, attempt),
    failed: 0,
    interrupted: 0,
    deferred: 0,
  }
}

/** The agent may not run now. Where others were refused just before, what is over first counts. */
export const keepPutOff = ({ context, event }: At): Change => {
  const { failure, retryAtMs } = present(outputOf('admitRun', event).putOff, 'reason to wait')
  const put = putOff(context, failure, retryAtMs, nowOf(event))
  const others = context.agentNo > 0 && context.settled?.ending === 'deferred'
  return others ? { ...put, deferralMs: Math.min(put.deferralMs, context.deferralMs) } : put
}

const putOff = (context: TaskContext, failure: Failure, retryAtMs: number | null, nowMs: number) => {
  const deferred = context.deferred + 1
  return {
    settled: { ending: 'deferred' as const, failure },
    deferred,
    deferralMs: deferralMs(failure.class, retryAtMs, deferred, nowMs),
  }
}

/** Put off rather than failed: it never began, or its quota ran out. What used up its own reserved money has failed. */
const isDeferred = ({ outcome, failure: cause, unrecorded }: Attempt): boolean =>
  !unrecorded &&
  (outcome?.ending === 'deferred' ||
    (outcome?.ending === 'failed' &&
      outcome.stopReason !== 'budget' &&
      DEFERRING.has(cause?.class ?? 'unknown')))

/**
 * What is left to go on with: the session of an agent that was broken off or asks something, and its last words. An
 * answer is used up by the attempt that was told it, unless that was broken off too.
 */
const carryOn = (
  context: TaskContext,
  attempt: Attempt,
): Pick<TaskContext, 'session' | 'handoff' | 'answer'> => {
  const { outcome } = attempt
  const brokenOff =
    outcome !== null &&
    (outcome.ending === 'interrupted' ||
      outcome.question !== null ||
      (isDeferred(attempt) && outcome.ending === 'failed'))
  if (outcome === null || outcome.ending === 'deferred')
    return { session: context.session, handoff: context.handoff, answer: context.answer }
  const handoff = outcome.ending === 'completed' ? null : (outcome.summary ?? context.handoff)
  if (!brokenOff) return { session: null, handoff, answer: null }
  const { agent } = currentDecision(context)
  // Some agents go on under a new id, but all in the HOME of the session they were given.
  const before = context.session?.agent === agent ? context.session : null
  return {
    handoff,
    answer: outcome.question === null ? context.answer : null,
    session:
      outcome.sessionId === null || attempt.workspace === null
        ? null
        : {
            agent,
            sessionId: outcome.sessionId,
            homeOf: before?.homeOf ?? attempt.id,
            attemptId: attempt.id,
            startSha: attempt.workspace.startSha,
            used: usedBy(before, outcome.usage),
          },
  }
}

/** All that a session has used, over the attempts that went on with it. */
const usedBy = (before: TaskContext['session'], now: Usage | null): Usage | null => {
  const used = before?.used ?? null
  if (used === null || now === null) return now ?? used
  return {
    inputTokens: used.inputTokens + now.inputTokens,
    cachedInputTokens: used.cachedInputTokens + now.cachedInputTokens,
    outputTokens: used.outputTokens + now.outputTokens,
    usd: used.usd + now.usd,
    coveredUsd: used.coveredUsd + now.coveredUsd,
  }
}

const publishedBy = (context: TaskContext, attempt: Attempt): TaskContext['published'] => {
  const commit = attempt.measurement?.commit ?? null
  if (changedNothing(context) || commit === null) return null
  return {
    attemptId: attempt.id,
    commit,
    checks: present(attempt.checks, 'checks'),
    pull: present(attempt.pull, 'pull request'),
    policyReview: reviewReasons(present(attempt.policy, 'judgement of the work')),
  }
}
