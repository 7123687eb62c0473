import { z } from 'zod'

/**
 * OpenAI Responses, as its API reference has it (objects that people may add to stay open).
 * @see https://platform.openai.com/docs/api-reference/responses and /responses-streaming
 */
const TextPart = z.looseObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()),
})

const ItemStatus = z.enum(['in_progress', 'completed', 'incomplete'])

const OutputItem = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('message'),
    id: z.string(),
    status: ItemStatus,
    role: z.literal('assistant'),
    content: z.array(TextPart),
  }),
  z.looseObject({
    type: z.literal('function_call'),
    id: z.string().optional(),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    status: ItemStatus.optional(),
  }),
])

const Usage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.looseObject({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.looseObject({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
})

export const Response = z.looseObject({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.number(),
  status: z.enum(['completed', 'failed', 'in_progress', 'cancelled', 'queued', 'incomplete']),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.looseObject({}).nullable(),
  instructions: z.string().nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
  model: z.string(),
  output: z.array(OutputItem),
  parallel_tool_calls: z.boolean(),
  temperature: z.number().nullable(),
  tool_choice: z.string(),
  tools: z.array(z.unknown()),
  top_p: z.number().nullable(),
  usage: Usage.nullable(),
})

const numbered = { sequence_number: z.int() }
const inOutput = { ...numbered, output_index: z.int() }
const inItem = { ...inOutput, item_id: z.string() }
const inPart = { ...inItem, content_index: z.int() }
const event = <T extends string>(type: T) => ({ type: z.literal(type) })

export const ResponseStreamEvent = z.discriminatedUnion('type', [
  z.object({ ...event('response.created'), ...numbered, response: Response }),
  z.object({ ...event('response.in_progress'), ...numbered, response: Response }),
  z.object({ ...event('response.completed'), ...numbered, response: Response }),
  z.object({ ...event('response.output_item.added'), ...inOutput, item: OutputItem }),
  z.object({ ...event('response.output_item.done'), ...inOutput, item: OutputItem }),
  z.object({ ...event('response.content_part.added'), ...inPart, part: TextPart }),
  z.object({ ...event('response.content_part.done'), ...inPart, part: TextPart }),
  z.object({
    ...event('response.output_text.delta'),
    ...inPart,
    delta: z.string(),
    logprobs: z.array(z.unknown()),
  }),
  z.object({
    ...event('response.output_text.done'),
    ...inPart,
    text: z.string(),
    logprobs: z.array(z.unknown()),
  }),
  z.object({ ...event('response.function_call_arguments.delta'), ...inItem, delta: z.string() }),
  z.object({
    ...event('response.function_call_arguments.done'),
    ...inItem,
    name: z.string(),
    arguments: z.string(),
  }),
])

/** Both of OpenAI's formats refuse with it. @see https://platform.openai.com/docs/guides/error-codes */
export const OpenAiError = z.object({
  error: z.looseObject({
    message: z.string(),
    type: z.string(),
    param: z.string().nullish(),
    code: z.string().nullish(),
  }),
})
