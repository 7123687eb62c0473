import type { AgentOutcome } from '../contracts/agent-run.ts'
import { redactorOf } from '../platform/secrets/redactor-of.ts'

/**
 * Takes secrets out of what an agent said before it is written down anywhere: its own, and what looks like one. The raw
 * streams stay beside the run.
 */
export const redactOutcome = (outcome: AgentOutcome, secrets: readonly string[]): AgentOutcome => {
  const clean = redactorOf(secrets)
  // What stands for a short secret may be longer than it.
  const redact = (text: string): string => clean(text).slice(0, text.length)
  const { failure, question, summary } = outcome
  return {
    ...outcome,
    failure: failure && {
      ...failure,
      reason: redact(failure.reason),
      excerpt: failure.excerpt && redact(failure.excerpt),
    },
    question: question && { ...question, text: redact(question.text) },
    summary: summary && redact(summary),
  }
}
