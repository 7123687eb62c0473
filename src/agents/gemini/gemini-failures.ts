import type { FailureClass } from '../../contracts/failure.ts'
import type { FailurePattern } from '../failure-patterns.ts'

/** What Gemini CLI puts into a result that failed, and into the error events before it. */
export const GEMINI_FAILURES: readonly FailurePattern[] = [
  {
    class: 'quota_exhausted',
    pattern: /^(?:\[API Error: )?You have exhausted your (?:daily quota|capacity) on this model\./,
  },
  {
    class: 'rate_limited',
    pattern: /^(?:\[API Error: )?Resource has been exhausted \(e\.g\. check quota\)\./,
  },
  // A wrong key is a 400 like any other bad request; only the text tells.
  { class: 'auth', pattern: /^\[API Error: .*"message":"API key not valid\./ },
  {
    class: 'context_limit',
    pattern:
      /^\[API Error: .*"message":"The input token count .* exceeds the maximum number of tokens allowed/,
  },
  { class: 'dependency_missing', pattern: /^\[API Error: models\/\S+ is not found for API version/ },
  { class: 'model_error', pattern: /^(?:\[API Error: )?The model is overloaded\./ },
  { class: 'model_error', pattern: /^\[API Error: terminated\]/ },
  { class: 'model_error', pattern: /^\[API Error: .* in JSON at position \d+/ },
  { class: 'model_error', pattern: /^(?:\[API Error: )?exception TypeError: fetch failed sending request/ },
  { class: 'model_error', pattern: /^The model returned an empty response\b/ },
  { class: 'model_error', pattern: /^The model response was blocked due to safety settings\./ },
  { class: 'no_progress', pattern: /^Loop detected, stopping execution/ },
]

/** How it names the error behind a result, on its standard error. More exact than the status: a 429 may be either. */
export const GEMINI_ERROR_NAMES: Readonly<Record<string, FailureClass>> = {
  TerminalQuotaError: 'quota_exhausted',
  RetryableQuotaError: 'rate_limited',
  ModelNotFoundError: 'dependency_missing',
}

/** Exit codes of its own, for ends without a result. Others above 143 are an HTTP status modulo 256. */
export const GEMINI_EXITS: Readonly<Record<number, readonly [FailureClass, reason: string]>> = {
  41: ['auth', 'it found no credentials it could use'],
  42: ['infra_tooling', 'it refused its input or its session'],
  44: ['infra_tooling', 'its own sandbox failed'],
  52: ['infra_tooling', 'it refused its configuration'],
  53: ['no_progress', 'it reached its own limit of turns'],
  54: ['tool_failure', 'one of its tools failed fatally'],
  55: ['infra_tooling', 'it did not trust the workspace'],
}
