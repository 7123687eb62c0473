import { type Refusal, STATUS } from '../answer.ts'
import type { RefusalOnWire } from './scripted-wire.ts'

/** How the OpenAI API refuses, for both of its formats. @see https://platform.openai.com/docs/guides/error-codes */
export const refuseOpenAi = (refusal: Refusal, nowMs: number): RefusalOnWire => ({
  status: STATUS[refusal.reason],
  headers: resetHeaders(refusal),
  body: { error: errorOf(refusal, nowMs) },
})

const resetHeaders = ({ reason, retryAfterS }: Refusal): Record<string, string> =>
  reason !== 'rate_limit' || retryAfterS === null
    ? {}
    : { 'retry-after': String(retryAfterS), 'x-ratelimit-reset-requests': `${retryAfterS}s` }

const errorOf = ({ reason, retryAfterS }: Refusal, nowMs: number): Record<string, unknown> => {
  if (reason === 'usage_limit') {
    // What the service behind ChatGPT plans answers.
    const resetsInS = retryAfterS ?? 3600
    return {
      type: 'usage_limit_reached',
      message: 'The usage limit has been reached',
      plan_type: 'plus',
      resets_at: Math.round(nowMs / 1000) + resetsInS,
      resets_in_seconds: resetsInS,
    }
  }
  const [message, type, code, param] = ERRORS[reason]
  const when = reason === 'rate_limit' && retryAfterS !== null ? ` Please try again in ${retryAfterS}s.` : ''
  return { message: `${message}${when}`, type, param, code }
}

const ERRORS: Record<
  Exclude<Refusal['reason'], 'usage_limit'>,
  [message: string, type: string, code: string | null, param: string | null]
> = {
  auth: ['Incorrect API key provided: dummy.', 'invalid_request_error', 'invalid_api_key', null],
  bad_key: ['Incorrect API key provided: dummy.', 'invalid_request_error', 'invalid_api_key', null],
  payment: ['This account has no credit left; add some to go on.', 'payment_required', null, null],
  rate_limit: [
    'Rate limit reached for mock-model on requests per min.',
    'requests',
    'rate_limit_exceeded',
    null,
  ],
  quota: [
    'You exceeded your current quota, please check your plan and billing details.',
    'insufficient_quota',
    'insufficient_quota',
    null,
  ],
  server: ['The server had an error while processing your request.', 'server_error', null, null],
  context: [
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens. Please reduce the length of the messages.",
    'invalid_request_error',
    'context_length_exceeded',
    'messages',
  ],
}
