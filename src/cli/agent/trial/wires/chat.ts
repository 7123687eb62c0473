import { listOf, offered } from './request-fields.ts'
import type { CallReply, Reply, Wire, WireRequest } from './wire.ts'

/** OpenAI chat completions. @see https://platform.openai.com/docs/api-reference/chat */
export const chatWire: Wire = {
  name: 'chat',
  serves: (path) => path.endsWith('/chat/completions'),
  read: (body) => ({
    model: String(body.model),
    stream: body.stream === true,
    tools: listOf(body.tools).map((tool) => {
      const { name, parameters } = (tool.function ?? {}) as Record<string, unknown>
      return offered(name, parameters)
    }),
  }),
  whole: (reply, request) => ({
    ...envelope(request, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: reply.kind === 'say' ? reply.text : null,
          refusal: null,
          ...(reply.kind === 'call' ? { tool_calls: [toolCall(reply)] } : {}),
        },
        logprobs: null,
        finish_reason: finishOf(reply),
      },
    ],
    usage: chatUsage(reply),
  }),
  events: (reply, request) => [
    chunk(request, { role: 'assistant', content: '' }),
    chunk(request, deltaOf(reply)),
    chunk(request, {}, finishOf(reply)),
    // Asked for with `stream_options.include_usage`, as everybody does.
    { data: { ...envelope(request, 'chat.completion.chunk'), choices: [], usage: chatUsage(reply) } },
    { data: '[DONE]' },
  ],
}

const envelope = (request: WireRequest, object: string) => ({
  id: 'chatcmpl-1',
  object,
  created: 1_700_000_000,
  model: request.model,
})

const chunk = (request: WireRequest, delta: object, finish: string | null = null) => ({
  data: {
    ...envelope(request, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  },
})

const deltaOf = (reply: Reply): object =>
  reply.kind === 'say' ? { content: reply.text } : { tool_calls: [{ index: 0, ...toolCall(reply) }] }

const toolCall = (reply: CallReply) => ({
  id: reply.call.id,
  type: 'function',
  function: { name: reply.call.name, arguments: JSON.stringify(reply.call.arguments) },
})

const finishOf = (reply: Reply): string => (reply.kind === 'say' ? 'stop' : 'tool_calls')

const chatUsage = ({ usage: { input, cachedInput, output } }: Reply) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cachedInput },
  completion_tokens_details: { reasoning_tokens: 0 },
})
