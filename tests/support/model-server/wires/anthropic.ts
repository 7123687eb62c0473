import { type Refusal, type Reply, STATUS, usageOf } from '../answer.ts'
import { listOf, type ModelRequest, offered, progressOf, type Turn, textIn } from '../model-request.ts'
import { callId } from './call-id.ts'
import type { ServerEvent, Wire } from './wire.ts'

/** Anthropic messages. @see https://docs.anthropic.com/en/api/messages */
export const anthropicWire: Wire = {
  name: 'anthropic',
  serves: (path) => path.endsWith('/messages'),
  authHeaders: ['x-api-key', 'authorization'],
  read: (body) => ({
    model: String(body.model),
    stream: body.stream === true,
    tools: listOf(body.tools).map(({ name, input_schema }) => offered(name, input_schema)),
    ...progressOf(listOf(body.messages).map(turnOf)),
  }),
  whole: (reply, request) => ({
    ...messageOf(request),
    content: [blockOf(reply)],
    stop_reason: stopOf(reply),
    usage: anthropicUsage(reply),
  }),
  events: (reply, request) =>
    [
      {
        type: 'message_start',
        message: { ...messageOf(request), usage: { ...anthropicUsage(reply), output_tokens: 1 } },
      },
      { type: 'content_block_start', index: 0, content_block: begunBlock(reply) },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: deltaOf(reply) },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: stopOf(reply), stop_sequence: null },
        usage: { output_tokens: usageOf(reply).output },
      },
      { type: 'message_stop' },
    ].map((data): ServerEvent => ({ event: data.type, data })),
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

const messageOf = (request: ModelRequest) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: request.model,
  content: [] as object[],
  stop_reason: null as string | null,
  stop_sequence: null,
})

const blockOf = (reply: Reply) =>
  reply.kind === 'say'
    ? { type: 'text', text: reply.text, citations: null }
    : { type: 'tool_use', id: callId(reply), name: reply.call.name, input: reply.call.arguments }

const begunBlock = (reply: Reply) =>
  reply.kind === 'say' ? { type: 'text', text: '', citations: null } : { ...blockOf(reply), input: {} }

const deltaOf = (reply: Reply) =>
  reply.kind === 'say'
    ? { type: 'text_delta', text: reply.text }
    : { type: 'input_json_delta', partial_json: JSON.stringify(reply.call.arguments) }

const stopOf = (reply: Reply): string => (reply.kind === 'say' ? 'end_turn' : 'tool_use')

/** Here the cached tokens are no part of the input. */
const anthropicUsage = (reply: Reply) => {
  const { input, cachedInput, output } = usageOf(reply)
  return {
    input_tokens: input - cachedInput,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedInput,
    output_tokens: output,
  }
}

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
