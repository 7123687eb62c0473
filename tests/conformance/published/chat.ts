import { z } from 'zod'

/**
 * OpenAI chat completions, as its API reference has it.
 * @see https://platform.openai.com/docs/api-reference/chat/object and /chat-streaming
 */
const Call = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

const Finish = z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call'])

const Usage = z.looseObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.int() }).optional(),
})

const envelope = { id: z.string(), created: z.int(), model: z.string() }

export const ChatCompletion = z.object({
  ...envelope,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.looseObject({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.string().nullable(),
        tool_calls: z.array(Call).optional(),
      }),
      logprobs: z.looseObject({}).nullable(),
      finish_reason: Finish,
    }),
  ),
  usage: Usage.optional(),
})

export const ChatCompletionChunk = z.object({
  ...envelope,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.looseObject({
        role: z.literal('assistant').optional(),
        content: z.string().nullish(),
        tool_calls: z.array(Call.extend({ index: z.int() })).optional(),
      }),
      logprobs: z.looseObject({}).nullish(),
      finish_reason: Finish.nullable(),
    }),
  ),
  usage: Usage.nullish(),
})
