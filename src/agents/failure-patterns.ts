import type { FailureClass } from '../contracts/failure.ts'

/** One row of an agent's table: what its own error channel says, and the class it means. Anchored, never over prose. */
export interface FailurePattern {
  readonly class: FailureClass
  readonly pattern: RegExp
}

/** So much of a message is matched: what an agent wrote may be long enough to keep a pattern busy for good. */
const MATCHED_CHARS = 10_000

/** The class of an error message by the first row that matches its beginning; null where none does. */
export const classOfMessage = (rows: readonly FailurePattern[], message: string): FailureClass | null => {
  const beginning = message.slice(0, MATCHED_CHARS)
  return rows.find(({ pattern }) => pattern.test(beginning))?.class ?? null
}

/** The class an HTTP status of a model's service means, where the message says nothing more exact. */
export const classOfStatus = (status: number): FailureClass | null => {
  if (status === 401 || status === 403) return 'auth'
  if (status === 402) return 'quota_exhausted'
  if (status === 429) return 'rate_limited'
  if (status === 408 || status >= 500) return 'model_error'
  return status >= 400 ? 'tool_failure' : null
}
