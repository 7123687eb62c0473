import type { KeeperExit } from '../../contracts/keeper.ts'
import { readTail } from '../../platform/read-tail.ts'
import type { AgentJudgement, AgentStream, AgentStreams, AgentUsage } from '../agent-type.ts'
import { countAt, dollarsAt, listAt, textAt } from '../event-fields.ts'
import { classOfMessage } from '../failure-patterns.ts'
import { ownRow } from '../own-row.ts'
import { type AgentEvent, readEvents } from '../read-events.ts'
import { readExcerpt } from '../read-excerpt.ts'
import { reportedFailure } from '../reported-failure.ts'
import { PI_FAILURES, PI_START_FAILURES } from './pi-failures.ts'

/**
 * What a finished pi run claims; see AgentType.judge. It exits 0 whatever its model did: only how its last turn stopped
 * counts. Earlier ones may have failed and been tried again.
 */
export const judgePi = (streams: AgentStreams, exit: KeeperExit | null, nowMs: number): AgentJudgement => {
  const stream = readStream(streams.stdout)
  const success = stream.stopReason === 'stop'
  return {
    success,
    ...(success ? NO_FAILURE : failureOf(stream, streams, exit, nowMs)),
    usage: stream.usage,
    sessionId: stream.sessionId,
    recorded: false,
    summary: stream.summary,
    toolCalls: stream.toolCalls,
  }
}

const NO_FAILURE = { failure: null, retryAtMs: null }
const LONGEST_SUMMARY = 8000

interface Stream {
  sessionId: string | null
  /** How the last turn stopped; null while one is under way. */
  stopReason: string | null
  error: string | null
  usage: AgentUsage | null
  summary: string | null
  toolCalls: number
}

const readStream = (from: AgentStream): Stream => {
  const stream: Stream = {
    sessionId: null,
    stopReason: null,
    error: null,
    usage: null,
    summary: null,
    toolCalls: 0,
  }
  for (const event of readEvents(from)) ownRow(READERS, textAt(event, 'type'))?.(event, stream)
  return stream
}

const READERS: Readonly<Record<string, (event: AgentEvent, stream: Stream) => void>> = {
  session: (event, stream) => {
    stream.sessionId = textAt(event, 'id')
  },
  turn_start: (_event, stream) => {
    stream.stopReason = null
  },
  tool_execution_start: (_event, stream) => {
    stream.toolCalls += 1
  },
  message_end: (event, stream) => {
    if (textAt(event, 'message.role') === 'assistant') stream.usage = added(stream.usage, event)
  },
  turn_end: (event, stream) => {
    stream.stopReason = textAt(event, 'message.stopReason')
    stream.error = textAt(event, 'message.errorMessage')
    stream.summary = wordsOf(event) ?? stream.summary
  },
}

const wordsOf = (event: AgentEvent): string | null => {
  const words = listAt(event, 'message.content')
    .map((part) => (textAt(part, 'type') === 'text' ? textAt(part, 'text') : null))
    .filter((text) => text !== null)
    .join('\n')
  return words === '' ? null : words.slice(0, LONGEST_SUMMARY)
}

/** One message more; it counts cached tokens apart from input. Without a price it knows, its dollars are 0 and tell nothing. */
const added = (before: AgentUsage | null, event: AgentEvent): AgentUsage => {
  const cached = countAt(event, 'message.usage.cacheRead')
  const input = countAt(event, 'message.usage.input') + countAt(event, 'message.usage.cacheWrite')
  const usd = (before?.usd ?? 0) + (dollarsAt(event, 'message.usage.cost.total') ?? 0)
  return {
    inputTokens: (before?.inputTokens ?? 0) + input + cached,
    cachedInputTokens: (before?.cachedInputTokens ?? 0) + cached,
    outputTokens: (before?.outputTokens ?? 0) + countAt(event, 'message.usage.output'),
    usd: usd === 0 ? null : usd,
  }
}

const failureOf = (
  stream: Stream,
  streams: AgentStreams,
  exit: KeeperExit | null,
  nowMs: number,
): Pick<AgentJudgement, 'failure' | 'retryAtMs'> => {
  const excerpt = readExcerpt(streams.stderr)
  if (stream.error !== null) {
    const status = Number(/^(\d{3}) /.exec(stream.error)?.[1] ?? 0)
    const error = { message: stream.error, status, otherwise: 'model_error' as const, excerpt }
    return reportedFailure(PI_FAILURES, error, nowMs)
  }
  if (stream.stopReason === 'length') return { failure: { ...CUT_OFF, excerpt }, retryAtMs: null }
  const status = exit?.stopReason == null ? null : awaitedStatus(streams)
  if (status !== null) {
    const message = `its model's service answered ${status}, and it waits`
    return reportedFailure([], { message, status, otherwise: 'model_error', excerpt }, nowMs)
  }
  const line = excerpt?.split('\n').find((one) => classOfMessage(PI_START_FAILURES, one) !== null)
  if (line === undefined || exit === null) return NO_FAILURE
  const error = { message: line, status: null, otherwise: 'tool_failure' as const, excerpt }
  return reportedFailure(PI_START_FAILURES, error, nowMs)
}

const STDERR_BYTES = 64 * 1024
/** A request that ended, as its clients log it. */
const REQUEST =
  /^\[log_[^\]]*\] \w+ \S+ (?:succeeded|failed) with status (\d{3}) in \d+ms(?: - (retrying), .*)?$/gm

/** What its model's service answered to the last request, where that is to be made again; null where it is not. */
const awaitedStatus = ({ stderr }: AgentStreams): number | null => {
  const [, status, again] =
    [...readTail(stderr.file, STDERR_BYTES, stderr.endBytes).matchAll(REQUEST)].at(-1) ?? []
  return again === undefined ? null : Number(status)
}

const CUT_OFF = { class: 'context_limit', reason: 'the model’s answer was cut off at its limit' } as const
