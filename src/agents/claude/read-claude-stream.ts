import type { AgentStream, AgentUsage } from '../agent-type.ts'
import { countAt, dollarsAt, fieldAt, listAt, textAt } from '../event-fields.ts'
import { ownRow } from '../own-row.ts'
import { type AgentEvent, readEvents } from '../read-events.ts'

/** What a stream of Claude Code says, gathered in one pass. */
export interface ClaudeStream {
  /** The file of its session, relative to its HOME. */
  readonly sessionId: string | null
  readonly toolCalls: number
  /** Its result event, the last it writes; null where it never came. */
  readonly result: AgentEvent | null
  /** The last that its model said in its own conversation. */
  readonly said: string | null
  /** The code of the last API error it put in place of the model's answer. */
  readonly errorCode: string | null
  /** When the usage window that turned it away resets, in UTC ms; null where none did, 0 where it does not say when. */
  readonly rejectedUntilMs: number | null
}

/** Reads what is left of a stream; events it does not know are passed over. */
export const readClaudeStream = (from: AgentStream): ClaudeStream => {
  let stream: ClaudeStream = {
    sessionId: null,
    toolCalls: 0,
    result: null,
    said: null,
    errorCode: null,
    rejectedUntilMs: null,
  }
  for (const event of readEvents(from)) {
    const read = ownRow(READERS, textAt(event, 'type'))
    if (read !== undefined) stream = { ...stream, ...read(event, stream) }
  }
  return stream
}

type Reader = (event: AgentEvent, stream: ClaudeStream) => Partial<ClaudeStream>

const READERS: Readonly<Record<string, Reader>> = {
  system: (event, stream) => ({ sessionId: sessionFile(event) ?? stream.sessionId }),
  assistant: (event, stream) => ({
    toolCalls:
      stream.toolCalls +
      listAt(event, 'message.content').filter((block) => textAt(block, 'type') === 'tool_use').length,
    said: wordsOf(event) ?? stream.said,
    errorCode: textAt(event, 'error'),
  }),
  // One comes with every turn; only `rejected` turns a request away (the others warn).
  rate_limit_event: (event) => ({
    rejectedUntilMs:
      textAt(event, 'rate_limit_info.status') === 'rejected'
        ? countAt(event, 'rate_limit_info.resetsAt') * 1000
        : null,
  }),
  result: (event) => ({ result: event }),
}

/** Where it keeps the session that begins: under the name of its folder. Longer names it shortens in a way of its own. */
const sessionFile = (event: AgentEvent): string | null => {
  const [id, cwd] = [textAt(event, 'session_id'), textAt(event, 'cwd')]
  if (id === null || cwd === null || !/^[\w-]+$/.test(id)) return null
  const folder = cwd.replaceAll(/[^A-Za-z0-9]/g, '-')
  return folder.length > LONGEST_FOLDER ? null : `.claude/projects/${folder}/${id}.jsonl`
}

const LONGEST_FOLDER = 200

/** What it puts in place of an answer that did not come, and what its sub-agents say, are no words of its model. */
const wordsOf = (event: AgentEvent): string | null => {
  const isOwn = textAt(event, 'error') === null && textAt(event, 'parent_tool_use_id') === null
  if (!isOwn || textAt(event, 'message.model') === '<synthetic>') return null
  const words = listAt(event, 'message.content').map((block) =>
    textAt(block, 'type') === 'text' ? textAt(block, 'text') : null,
  )
  return words.filter((text) => text !== null).join('\n') || null
}

/** Totals of a result event: per model where it tells (sub-agents included), else of its own conversation. */
export const claudeUsage = (result: AgentEvent): AgentUsage | null => {
  const models = Object.values((fieldAt(result, 'modelUsage') as object | undefined) ?? {})
  const parts = models.length > 0 ? models.map(modelTokens) : [ownTokens(result)]
  const sum = (name: keyof Tokens): number => parts.reduce((total, part) => total + part[name], 0)
  const usd = dollarsAt(result, 'total_cost_usd')
  const total = { inputTokens: sum('input'), cachedInputTokens: sum('cached'), outputTokens: sum('output') }
  return total.inputTokens + total.outputTokens === 0 && usd === null ? null : { ...total, usd }
}

interface Tokens {
  readonly input: number
  readonly cached: number
  readonly output: number
}

/** Its input counts leave cached tokens out; ours hold them. */
const modelTokens = (model: unknown): Tokens => ({
  input:
    countAt(model, 'inputTokens') +
    countAt(model, 'cacheReadInputTokens') +
    countAt(model, 'cacheCreationInputTokens'),
  cached: countAt(model, 'cacheReadInputTokens'),
  output: countAt(model, 'outputTokens'),
})

const ownTokens = (result: AgentEvent): Tokens => ({
  input:
    countAt(result, 'usage.input_tokens') +
    countAt(result, 'usage.cache_read_input_tokens') +
    countAt(result, 'usage.cache_creation_input_tokens'),
  cached: countAt(result, 'usage.cache_read_input_tokens'),
  output: countAt(result, 'usage.output_tokens'),
})
