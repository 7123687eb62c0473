import type { FailureClass } from '../../contracts/failure.ts'
import type { FailurePattern } from '../failure-patterns.ts'

/** Names of its error objects that say all there is to say. */
export const OPENCODE_ERRORS: Readonly<Record<string, FailureClass>> = {
  ProviderAuthError: 'auth',
  ContextOverflowError: 'context_limit',
  MessageOutputLengthError: 'context_limit',
  MessageAbortedError: 'tool_failure',
  StructuredOutputError: 'tool_failure',
  ProviderModelNotFoundError: 'infra_tooling',
  ConfigInvalidError: 'infra_tooling',
}

/** Codes and types of the provider's own error body: a 429 may be a short limit or the end of a quota. */
export const PROVIDER_CODES: Readonly<Record<string, FailureClass>> = {
  insufficient_quota: 'quota_exhausted',
  usage_limit_reached: 'quota_exhausted',
  usage_not_included: 'quota_exhausted',
  billing_error: 'quota_exhausted',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  invalid_api_key: 'auth',
  authentication_error: 'auth',
  permission_error: 'auth',
  context_length_exceeded: 'context_limit',
  overloaded_error: 'model_error',
  api_error: 'model_error',
}

/** Messages of errors without a name or code of use; all of its error object or of its standard error, from the start. */
export const OPENCODE_FAILURES: readonly FailurePattern[] = [
  { class: 'quota_exhausted', pattern: /^(?:Your )?credit balance is too low/i },
  { class: 'quota_exhausted', pattern: /^(?:Insufficient balance|You exceeded your current quota)/i },
  { class: 'quota_exhausted', pattern: /^(?:The )?usage limit has been reached/i },
  { class: 'rate_limited', pattern: /^(?:Rate limit(?:ed)?\b|Too Many Requests)/i },
  { class: 'context_limit', pattern: /^(?:prompt is too long|This model's maximum context length)/i },
  { class: 'context_limit', pattern: /^(?:Input exceeds context window|context[_ ]length exceeded)/i },
  { class: 'auth', pattern: /^(?:Unauthorized|Invalid API key|Incorrect API key|API key is missing)/i },
  { class: 'model_error', pattern: /^(?:Overloaded|Provider (?:is )?overloaded|Internal server error)/i },
  { class: 'model_error', pattern: /^(?:fetch failed|Unable to connect|The socket connection was closed)/i },
  { class: 'model_error', pattern: /^(?:Connection reset by server|terminated|SSE read timed out)/i },
  { class: 'infra_tooling', pattern: /^(?:Session not found|Model not found|Configuration is invalid)/i },
]
