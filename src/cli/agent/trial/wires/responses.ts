import { listOf, offered } from './request-fields.ts'
import type { CallReply, Reply, Wire, WireRequest } from './wire.ts'

/** OpenAI Responses. @see https://platform.openai.com/docs/api-reference/responses */
export const responsesWire: Wire = {
  name: 'responses',
  serves: (path) => path.endsWith('/responses'),
  read: (body) => ({
    model: String(body.model),
    stream: body.stream === true,
    tools: listOf(body.tools)
      .filter(({ type }) => type === 'function')
      .map(({ name, parameters }) => offered(name, parameters)),
  }),
  whole: (reply, request) => responseOf(request, reply),
  events: (reply, request) =>
    streamOf(reply, request).map(({ type, ...rest }, index) => ({
      event: type,
      data: { type, sequence_number: index, ...rest },
    })),
}

interface NamedEvent {
  readonly type: string
  readonly [name: string]: unknown
}

const streamOf = (reply: Reply, request: WireRequest): NamedEvent[] => {
  const begun = responseOf(request, null)
  const item = itemOf(reply)
  return [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: begunItem(reply) },
    ...(reply.kind === 'say' ? textEvents(reply.text) : callEvents(reply)),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: responseOf(request, reply) },
  ]
}

const IN_MESSAGE = { item_id: 'msg_1', output_index: 0, content_index: 0 }

const textEvents = (text: string): NamedEvent[] => [
  { type: 'response.content_part.added', ...IN_MESSAGE, part: textPart('') },
  { type: 'response.output_text.delta', ...IN_MESSAGE, delta: text, logprobs: [] },
  { type: 'response.output_text.done', ...IN_MESSAGE, text, logprobs: [] },
  { type: 'response.content_part.done', ...IN_MESSAGE, part: textPart(text) },
]

const callEvents = ({ call }: CallReply): NamedEvent[] => {
  const inCall = { item_id: 'fc_1', output_index: 0 }
  const text = JSON.stringify(call.arguments)
  return [
    { type: 'response.function_call_arguments.delta', ...inCall, delta: text },
    { type: 'response.function_call_arguments.done', ...inCall, name: call.name, arguments: text },
  ]
}

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })

const itemOf = (reply: Reply) =>
  reply.kind === 'say'
    ? {
        type: 'message',
        id: 'msg_1',
        status: 'completed',
        role: 'assistant',
        content: [textPart(reply.text)],
      }
    : {
        type: 'function_call',
        id: 'fc_1',
        call_id: reply.call.id,
        name: reply.call.name,
        arguments: JSON.stringify(reply.call.arguments),
        status: 'completed',
      }

const begunItem = (reply: Reply) => {
  const item = itemOf(reply)
  return item.type === 'message'
    ? { ...item, status: 'in_progress', content: [] }
    : { ...item, status: 'in_progress', arguments: '' }
}

const responseOf = (request: WireRequest, reply: Reply | null) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_700_000_000,
  status: reply === null ? 'in_progress' : 'completed',
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  model: request.model,
  output: reply === null ? [] : [itemOf(reply)],
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  usage: reply === null ? null : responseUsage(reply),
})

const responseUsage = ({ usage: { input, cachedInput, output } }: Reply) => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cachedInput },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + output,
})
