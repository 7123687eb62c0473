import type { KeeperExit } from '../../contracts/keeper.ts'
import type { AgentJudgement, AgentStream, AgentStreams, AgentUsage } from '../agent-type.ts'
import { countAt, fieldAt, textAt } from '../event-fields.ts'
import { classOfMessage } from '../failure-patterns.ts'
import { ownRow } from '../own-row.ts'
import { type AgentEvent, readEvents } from '../read-events.ts'
import { readExcerpt } from '../read-excerpt.ts'
import { reportedFailure } from '../reported-failure.ts'
import { CODEX_FAILURES, CODEX_START_FAILURES } from './codex-failures.ts'

const LONGEST_SUMMARY = 8000

/** Items of its stream in which it acts on something. */
export const CODEX_TOOLS = ['command_execution', 'file_change', 'mcp_tool_call', 'web_search'] as const

/**
 * What a finished `codex exec` claims; see AgentType.judge. Only `turn.failed` is a failure: `error` events also tell of
 * every reconnect, and items of type `error` are warnings. Where it was stopped in between, the last of them says what
 * it was waiting for.
 */
export const judgeCodex = (streams: AgentStreams, exit: KeeperExit | null, nowMs: number): AgentJudgement => {
  const stream = readStream(streams.stdout)
  const success = stream.completed && stream.failed === null
  return {
    success,
    ...(success ? NO_FAILURE : failureOf(stream, streams, exit, nowMs)),
    usage: stream.usage,
    sessionId: stream.sessionId,
    recorded: false,
    summary: stream.summary,
    toolCalls: stream.tools.size,
  }
}

const NO_FAILURE = { failure: null, retryAtMs: null }

interface Stream {
  sessionId: string | null
  completed: boolean
  failed: string | null
  lastError: string | null
  usage: AgentUsage | null
  summary: string | null
  readonly tools: Set<string>
}

const readStream = (from: AgentStream): Stream => {
  const stream: Stream = {
    sessionId: null,
    completed: false,
    failed: null,
    lastError: null,
    usage: null,
    summary: null,
    tools: new Set(),
  }
  for (const event of readEvents(from)) ownRow(READERS, textAt(event, 'type'))?.(event, stream)
  return stream
}

type Reader = (event: AgentEvent, stream: Stream) => void

const readItem: Reader = (event, stream) => {
  const type = textAt(event, 'item.type')
  if (type === 'agent_message') stream.summary = textAt(event, 'item.text')?.slice(0, LONGEST_SUMMARY) ?? null
  const id = textAt(event, 'item.id')
  if (id !== null && (CODEX_TOOLS as readonly (string | null)[]).includes(type)) stream.tools.add(id)
}

const READERS: Readonly<Record<string, Reader>> = {
  'thread.started': (event, stream) => {
    stream.sessionId = textAt(event, 'thread_id')
  },
  'item.started': readItem,
  'item.completed': readItem,
  error: (event, stream) => {
    stream.lastError = textAt(event, 'message')
  },
  'turn.failed': (event, stream) => {
    stream.failed = textAt(event, 'error.message') ?? ''
  },
  'turn.completed': (event, stream) => {
    stream.completed = true
    stream.usage = usageOf(event)
  },
}

const usageOf = (event: AgentEvent): AgentUsage | null =>
  fieldAt(event, 'usage') === undefined
    ? null
    : {
        inputTokens: countAt(event, 'usage.input_tokens'),
        cachedInputTokens: countAt(event, 'usage.cached_input_tokens'),
        outputTokens: countAt(event, 'usage.output_tokens'),
        usd: null,
      }

const failureOf = (
  stream: Stream,
  streams: AgentStreams,
  exit: KeeperExit | null,
  nowMs: number,
): Pick<AgentJudgement, 'failure' | 'retryAtMs'> => {
  const excerpt = readExcerpt(streams.stderr)
  const said = stream.failed ?? stream.lastError
  if (said !== null) {
    const message = said.replace(/^Reconnecting\.\.\. \d+\/\d+ \((.*)\)$/s, '$1')
    const status = Number(/^unexpected status (\d{3})\b/.exec(message)?.[1] ?? 0)
    return reportedFailure(CODEX_FAILURES, { message, status, otherwise: 'model_error', excerpt }, nowMs)
  }
  const line = startFailure(excerpt)
  if (line === undefined) return NO_FAILURE
  const error = { message: line, status: null, otherwise: 'tool_failure' as const, excerpt }
  return exit === null ? NO_FAILURE : reportedFailure(CODEX_START_FAILURES, error, nowMs)
}

const startFailure = (stderr: string | null): string | undefined =>
  stderr?.split('\n').find((line) => classOfMessage(CODEX_START_FAILURES, line) !== null)
