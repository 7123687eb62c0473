import { listOf, offered } from './request-fields.ts'
import type { Reply, ServerEvent, Wire, WireRequest } from './wire.ts'

/** Anthropic messages. @see https://docs.anthropic.com/en/api/messages */
export const anthropicWire: Wire = {
  name: 'anthropic',
  serves: (path) => path.endsWith('/messages'),
  read: (body) => ({
    model: String(body.model),
    stream: body.stream === true,
    tools: listOf(body.tools).map(({ name, input_schema }) => offered(name, input_schema)),
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
        usage: { output_tokens: reply.usage.output },
      },
      { type: 'message_stop' },
    ].map((data): ServerEvent => ({ event: data.type, data })),
}

const messageOf = (request: WireRequest) => ({
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
    : { type: 'tool_use', id: reply.call.id, name: reply.call.name, input: reply.call.arguments }

const begunBlock = (reply: Reply) =>
  reply.kind === 'say' ? { type: 'text', text: '', citations: null } : { ...blockOf(reply), input: {} }

const deltaOf = (reply: Reply) =>
  reply.kind === 'say'
    ? { type: 'text_delta', text: reply.text }
    : { type: 'input_json_delta', partial_json: JSON.stringify(reply.call.arguments) }

const stopOf = (reply: Reply): string => (reply.kind === 'say' ? 'end_turn' : 'tool_use')

/** Here the cached tokens are no part of the input. */
const anthropicUsage = ({ usage: { input, cachedInput, output } }: Reply) => ({
  input_tokens: input - cachedInput,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: cachedInput,
  output_tokens: output,
})
