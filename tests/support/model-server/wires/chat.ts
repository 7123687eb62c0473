import { type Reply, usageOf } from '../answer.ts'
import { listOf, type ModelRequest, offered, progressOf, type Turn, textIn } from '../model-request.ts'
import { callId } from './call-id.ts'
import { refuseOpenAi } from './openai-errors.ts'
import type { Wire } from './wire.ts'

/** OpenAI chat completions. @see https://platform.openai.com/docs/api-reference/chat */
export const chatWire: Wire = {
  name: 'chat',
  serves: (path) => path.endsWith('/chat/completions'),
  authHeaders: ['authorization'],
  read: (body) => ({
    model: String(body.model),
    stream: body.stream === true,
    tools: listOf(body.tools).map((tool) => {
      const { name, parameters } = (tool.function ?? {}) as Record<string, unknown>
      return offered(name, parameters)
    }),
    ...progressOf(listOf(body.messages).map(turnOf)),
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
  refuse: refuseOpenAi,
}

const turnOf = ({ role, content }: Record<string, unknown>): Turn => ({
  from: role === 'user' ? 'user' : 'other',
  text: role === 'user' ? textIn(content) : '',
  toolResults: role === 'tool' ? 1 : 0,
})

const envelope = (request: ModelRequest, object: string) => ({
  id: 'chatcmpl-1',
  object,
  created: 1_700_000_000,
  model: request.model,
})

const chunk = (request: ModelRequest, delta: object, finish: string | null = null) => ({
  data: {
    ...envelope(request, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  },
})

const deltaOf = (reply: Reply): object =>
  reply.kind === 'say' ? { content: reply.text } : { tool_calls: [{ index: 0, ...toolCall(reply) }] }

const toolCall = (reply: Extract<Reply, { kind: 'call' }>) => ({
  id: callId(reply),
  type: 'function',
  function: { name: reply.call.name, arguments: JSON.stringify(reply.call.arguments) },
})

const finishOf = (reply: Reply): string => (reply.kind === 'say' ? 'stop' : 'tool_calls')

const chatUsage = (reply: Reply) => {
  const { input, cachedInput, output } = usageOf(reply)
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cachedInput },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}
