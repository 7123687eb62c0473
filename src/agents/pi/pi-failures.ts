import type { FailurePattern } from '../failure-patterns.ts'

/** What pi puts into a message that ended in an error: mostly `<HTTP status> <text of the service>`. */
export const PI_FAILURES: readonly FailurePattern[] = [
  { class: 'quota_exhausted', pattern: /^429 You exceeded your current quota\b/ },
  { class: 'quota_exhausted', pattern: /^429 The usage limit has been reached/ },
  { class: 'context_limit', pattern: /^400 This model's maximum context length is / },
  { class: 'dependency_missing', pattern: /^404 The model `[^`]*` does not exist\b/ },
  { class: 'model_error', pattern: /^terminated$/ },
  { class: 'model_error', pattern: /^Connection error\.$/ },
]

/** Lines of its standard error where it ends before a turn began. */
export const PI_START_FAILURES: readonly FailurePattern[] = [
  { class: 'auth', pattern: /^No API key found for / },
  { class: 'infra_tooling', pattern: /^No session found matching / },
  { class: 'dependency_missing', pattern: /^Error: Unknown provider / },
]
