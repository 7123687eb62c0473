import { z } from 'zod'

/**
 * Anthropic messages, as its API reference has it.
 * @see https://docs.anthropic.com/en/api/messages, /messages-streaming and /errors
 */
const Block = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: z.string() }),
  z.looseObject({
    type: z.literal('tool_use'),
    id: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
  }),
])

const Stop = z.enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal'])

const Usage = z.looseObject({
  input_tokens: z.int(),
  cache_creation_input_tokens: z.int().nullable(),
  cache_read_input_tokens: z.int().nullable(),
  output_tokens: z.int(),
})

export const Message = z.looseObject({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string(),
  content: z.array(Block),
  stop_reason: Stop.nullable(),
  stop_sequence: z.string().nullable(),
  usage: Usage,
})

const indexed = { index: z.int() }

export const MessageStreamEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message_start'), message: Message }),
  z.object({ type: z.literal('content_block_start'), ...indexed, content_block: Block }),
  z.object({ type: z.literal('ping') }),
  z.object({
    type: z.literal('content_block_delta'),
    ...indexed,
    delta: z.discriminatedUnion('type', [
      z.object({ type: z.literal('text_delta'), text: z.string() }),
      z.object({ type: z.literal('input_json_delta'), partial_json: z.string() }),
    ]),
  }),
  z.object({ type: z.literal('content_block_stop'), ...indexed }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.looseObject({ stop_reason: Stop, stop_sequence: z.string().nullable() }),
    usage: z.looseObject({ output_tokens: z.int() }),
  }),
  z.object({ type: z.literal('message_stop') }),
])

export const AnthropicError = z.object({
  type: z.literal('error'),
  error: z.looseObject({
    type: z.enum([
      'invalid_request_error',
      'authentication_error',
      'billing_error',
      'permission_error',
      'not_found_error',
      'request_too_large',
      'rate_limit_error',
      'timeout_error',
      'api_error',
      'overloaded_error',
    ]),
    message: z.string(),
  }),
  request_id: z.string(),
})
