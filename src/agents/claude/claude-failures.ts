import type { FailureClass } from '../../contracts/failure.ts'
import type { FailurePattern } from '../failure-patterns.ts'

/**
 * What Claude Code writes into its result when its model's service refused, by its own error reference
 * (code.claude.com/docs/en/errors) and the messages its users report. Anchored: a result is an error only where it says
 * `is_error`, and then it begins with these words.
 */
export const CLAUDE_FAILURES: readonly FailurePattern[] = [
  { class: 'quota_exhausted', pattern: /^Claude(?: AI)? usage limit reached/i },
  { class: 'quota_exhausted', pattern: /^You[’']ve (?:hit|reached) your (?:[\w-]+ ){0,2}limit/i },
  { class: 'quota_exhausted', pattern: /^You[’']re out of extra usage/i },
  { class: 'quota_exhausted', pattern: /^\d+-hour limit reached/i },
  { class: 'quota_exhausted', pattern: /^(?:API Error: .*)?Credit balance is too low/i },
  { class: 'quota_exhausted', pattern: /^API Error: .*You have reached your specified API usage limits/i },
  {
    class: 'rate_limited',
    pattern: /^(?:API Error: )?(?:Request rejected \(429\)|Server is temporarily limiting requests)/i,
  },
  { class: 'rate_limited', pattern: /^API Error: (?:Rate limit reached|429\b)/i },
  { class: 'auth', pattern: /^(?:Invalid API key|Not logged in|Please run \/login|Failed to authenticate)/i },
  { class: 'auth', pattern: /^OAuth (?:token|session|authentication)\b/i },
  { class: 'auth', pattern: /^(?:This|Your) organization has (?:been )?disabled/i },
  { class: 'auth', pattern: /^API Error: 40[13]\b/i },
  { class: 'context_limit', pattern: /^(?:API Error: 400 .*)?Prompt is too long/i },
  { class: 'context_limit', pattern: /^Error during compaction: Conversation too long/i },
  { class: 'context_limit', pattern: /^(?:Request too large|API Error: 413\b)/i },
  { class: 'context_limit', pattern: /^API Error: .*exceeded the \d+ output token maximum/i },
  { class: 'model_error', pattern: /^API Error: (?:Repeated )?5\d\d\b/i },
  { class: 'model_error', pattern: /^API Error: .*overloaded/i },
  { class: 'model_error', pattern: /^(?:API Error: )?(?:Request timed out|Unable to connect to API)/i },
  { class: 'model_error', pattern: /^API Error: (?:Connection error|The socket connection was closed)/i },
  { class: 'infra_tooling', pattern: /^No conversation found with session ID/i },
  { class: 'infra_tooling', pattern: /^There[’']s an issue with the selected model/i },
]

/** Codes of its `assistant` events that leave no doubt; they come before any text. */
export const CLAUDE_CODES: Readonly<Record<string, FailureClass>> = {
  authentication_failed: 'auth',
  oauth_org_not_allowed: 'auth',
  billing_error: 'quota_exhausted',
  server_error: 'model_error',
  max_output_tokens: 'context_limit',
}

/** Codes that may mean several things, of which the text tells more: asked last. */
export const CLAUDE_VAGUE_CODES: Readonly<Record<string, FailureClass>> = {
  rate_limit: 'rate_limited',
  invalid_request: 'tool_failure',
}

/** How a result's subtype is read where nothing else says why. */
export const CLAUDE_SUBTYPES: Readonly<Record<string, FailureClass>> = {
  error_max_turns: 'no_progress',
  error_max_budget_usd: 'quota_exhausted',
}
