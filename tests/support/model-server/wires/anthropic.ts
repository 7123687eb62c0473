import { anthropicWire } from '../../../../src/cli/agent/trial/wires/anthropic.ts'
import { listOf } from '../../../../src/cli/agent/trial/wires/request-fields.ts'
import { type Refusal, STATUS } from '../answer.ts'
import { progressOf, type Turn, textIn } from '../model-request.ts'
import type { ScriptedWire } from './scripted-wire.ts'

export const scriptedAnthropic: ScriptedWire = {
  ...anthropicWire,
  authHeaders: ['x-api-key', 'authorization'],
  read: (body, path) => ({
    ...anthropicWire.read(body, path),
    ...progressOf(listOf(body.messages).map(turnOf)),
  }),
  refuse: ({ reason, retryAfterS }, nowMs) => {
    const [type, message, status] = ERRORS[reason]
    return {
      status: status ?? STATUS[reason],
      headers: {
        'request-id': 'req_1',
        ...(retryAfterS === null
          ? {}
          : {
              'retry-after': String(retryAfterS),
              'anthropic-ratelimit-requests-reset': new Date(nowMs + retryAfterS * 1000).toISOString(),
            }),
      },
      body: { type: 'error', error: { type, message }, request_id: 'req_1' },
    }
  },
}

const turnOf = ({ role, content }: Record<string, unknown>): Turn => ({
  from: role === 'user' ? 'user' : 'other',
  text: role === 'user' ? textIn(content) : '',
  toolResults: listOf(content).filter(({ type }) => type === 'tool_result').length,
})

const ERRORS: Record<Refusal['reason'], [type: string, message: string, status?: number]> = {
  auth: ['authentication_error', 'invalid x-api-key'],
  bad_key: ['authentication_error', 'invalid x-api-key'],
  payment: ['billing_error', 'There is an issue with your billing or payment information.'],
  rate_limit: [
    'rate_limit_error',
    "This request would exceed your account's rate limit. Please try again later.",
  ],
  quota: ['invalid_request_error', 'Your credit balance is too low to access the Anthropic API.', 400],
  usage_limit: ['rate_limit_error', 'You have reached your specified API usage limits.'],
  server: ['api_error', 'Internal server error'],
  context: ['invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'],
}
