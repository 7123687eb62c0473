import { stripVTControlCharacters } from 'node:util'
import type { FailureClass } from '../contracts/failure.ts'
import type { AgentJudgement } from './agent-type.ts'
import { classOfMessage, classOfStatus, type FailurePattern } from './failure-patterns.ts'
import { resetInstant } from './reset-instant.ts'

/** What an agent's own error channel said last. */
export interface ReportedError {
  readonly message: string
  /** The HTTP status of its model's service, where the program tells it as such. */
  readonly status: number | null
  /** The class where nothing else tells. */
  readonly otherwise: FailureClass
  /** The end of its error output, for people; untrusted text. */
  readonly excerpt: string | null
}

const LONGEST_REASON = 1000
const WAITS: ReadonlySet<FailureClass> = new Set(['quota_exhausted', 'rate_limited'])

/**
 * The failure an error message means: by the type's own anchored rows, then by the status of the service. Limits say
 * when they are over, where their text does.
 * @param nowMs when it was said, in UTC ms.
 */
export const reportedFailure = (
  rows: readonly FailurePattern[],
  error: ReportedError,
  nowMs: number,
): Pick<AgentJudgement, 'failure' | 'retryAtMs'> => {
  const failureClass =
    classOfMessage(rows, error.message) ?? classOfStatus(error.status ?? 0) ?? error.otherwise
  return {
    failure: {
      class: failureClass,
      reason: `the agent reports: ${oneLine(error.message)}`,
      excerpt: error.excerpt,
    },
    retryAtMs: WAITS.has(failureClass) ? resetInstant(error.message, nowMs) : null,
  }
}

const oneLine = (message: string): string =>
  stripVTControlCharacters(message)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what an agent reports must not reach terminals raw
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, LONGEST_REASON) || 'an error without a message'
