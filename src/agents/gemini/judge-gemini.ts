import type { Failure } from '../../contracts/failure.ts'
import type { KeeperExit } from '../../contracts/keeper.ts'
import { readTail } from '../../platform/read-tail.ts'
import type { AgentJudgement, AgentStream, AgentStreams, AgentUsage } from '../agent-type.ts'
import { countAt, fieldAt, textAt } from '../event-fields.ts'
import { ownRow } from '../own-row.ts'
import { type AgentEvent, readEvents } from '../read-events.ts'
import { readExcerpt } from '../read-excerpt.ts'
import { reportedFailure } from '../reported-failure.ts'
import { GEMINI_ERROR_NAMES, GEMINI_EXITS, GEMINI_FAILURES } from './gemini-failures.ts'

/**
 * What a finished Gemini run claims; see AgentType.judge. A result without an answer is none: a loop it stopped itself
 * ends as `success` with exit 0. While it retries, its stream is silent, so that its standard error says what it waited
 * for when it was stopped.
 */
export const judgeGemini = (
  streams: AgentStreams,
  exit: KeeperExit | null,
  nowMs: number,
): AgentJudgement => {
  const stream = readStream(streams.stdout)
  const answer = stream.answer.trim()
  const success = textAt(stream.result, 'status') === 'success' && answer !== '' && stream.error === null
  return {
    success,
    ...(success ? NO_FAILURE : failureOf(stream, streams, exit, nowMs)),
    usage: usageOf(stream.result),
    // It keeps a session only once something was said in it; to resume another one fails.
    sessionId: answer === '' && stream.toolCalls === 0 ? null : stream.sessionId,
    recorded: false,
    summary: answer === '' ? null : answer,
    toolCalls: stream.toolCalls,
  }
}

const NO_FAILURE = { failure: null, retryAtMs: null }
const LONGEST_SUMMARY = 8000

interface Stream {
  sessionId: string | null
  /** What it said since its last tool call, at most LONGEST_SUMMARY. */
  answer: string
  toolCalls: number
  /** The last error event: its own loop detection comes as a mere warning. */
  error: string | null
  result: AgentEvent | null
}

const readStream = (from: AgentStream): Stream => {
  const stream: Stream = { sessionId: null, answer: '', toolCalls: 0, error: null, result: null }
  for (const event of readEvents(from)) ownRow(READERS, textAt(event, 'type'))?.(event, stream)
  return stream
}

const READERS: Readonly<Record<string, (event: AgentEvent, stream: Stream) => void>> = {
  init: (event, stream) => {
    stream.sessionId = textAt(event, 'session_id')
  },
  message: (event, stream) => {
    if (textAt(event, 'role') !== 'assistant') return
    stream.answer = (stream.answer + (textAt(event, 'content') ?? '')).slice(0, LONGEST_SUMMARY)
  },
  tool_use: (_event, stream) => {
    stream.toolCalls += 1
    stream.answer = ''
  },
  error: (event, stream) => {
    const message = textAt(event, 'message') ?? ''
    if (textAt(event, 'severity') === 'error' || LOOP.test(message)) stream.error = message
  },
  result: (event, stream) => {
    stream.result = event
  },
}

const LOOP = /^Loop detected, stopping execution/

/** Thinking is paid as output but counted only in the total. */
const usageOf = (result: AgentEvent | null): AgentUsage | null => {
  if (fieldAt(result, 'stats') === undefined) return null
  const input = countAt(result, 'stats.input_tokens')
  return {
    inputTokens: input,
    cachedInputTokens: countAt(result, 'stats.cached'),
    outputTokens: Math.max(
      countAt(result, 'stats.output_tokens'),
      countAt(result, 'stats.total_tokens') - input,
    ),
    usd: null,
  }
}

type Failed = Pick<AgentJudgement, 'failure' | 'retryAtMs'>

const failureOf = (stream: Stream, streams: AgentStreams, exit: KeeperExit | null, nowMs: number): Failed => {
  const excerpt = readExcerpt(streams.stderr)
  const stderr = readTail(streams.stderr.file, STDERR_BYTES, streams.stderr.endBytes)
  const said = textAt(stream.result, 'error.message') ?? stream.error
  const error =
    said === null ? waitedFor(stderr) : { message: said, status: statusIn(said) || statusOfExit(exit) }
  if (error !== null) {
    const named = ownRow(GEMINI_ERROR_NAMES, NAMED.exec(stderr)?.[1] ?? null)
    const status = named === undefined ? error.status : null
    const otherwise = named ?? 'model_error'
    return reportedFailure(GEMINI_FAILURES, { message: error.message, status, otherwise, excerpt }, nowMs)
  }
  if (stream.result !== null) return { failure: { ...EMPTY, excerpt }, retryAtMs: null }
  const [failureClass, why] = GEMINI_EXITS[exit?.exitCode ?? 0] ?? []
  return failureClass === undefined
    ? NO_FAILURE
    : {
        failure: { class: failureClass, reason: `the agent did not start: ${why}`, excerpt },
        retryAtMs: null,
      }
}

const STDERR_BYTES = 64 * 1024
const EMPTY: Failure = {
  class: 'model_error',
  reason: 'the agent ended as if it were done, without an answer',
  excerpt: null,
}

const NAMED = /^Error when talking to Gemini API .* (\w+Error): /m

const statusIn = (message: string): number => Number(/"code":\s*(\d{3})\b/.exec(message)?.[1] ?? 0)

/** An HTTP status as the exit code that its parent sees. */
const statusOfExit = (exit: KeeperExit | null): number => {
  const code = exit?.exitCode ?? 0
  return code >= 400 - 256 ? code + 256 : 0
}

/** What it said when it announced its last retry. */
const waitedFor = (stderr: string): { message: string; status: number } | null => {
  const last = [...stderr.matchAll(RETRY)].at(-1)
  if (last === undefined) return null
  const [, status, cause, toldToWait] = last
  // Only a limit tells it how long to wait.
  return {
    message: toldToWait ?? cause ?? '',
    status: Number(status ?? (toldToWait === undefined ? 0 : 429)),
  }
}

const RETRY =
  /^Attempt \d+ failed(?:(?: with status (\d{3}))?\. Retrying with backoff\.\.\.(?: \w+: (.*))?|: (.*(?:\n.*)?)\. Retrying after \d+ms\.\.\.)$/gm
