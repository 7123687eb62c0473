import type { FailureClass } from '../../contracts/failure.ts'
import type { KeeperExit } from '../../contracts/keeper.ts'
import type { AgentJudgement, AgentStreams } from '../agent-type.ts'
import { fieldAt, listAt, numberAt, textAt } from '../event-fields.ts'
import { classOfMessage } from '../failure-patterns.ts'
import { ownRow } from '../own-row.ts'
import type { AgentEvent } from '../read-events.ts'
import { readExcerpt } from '../read-excerpt.ts'
import { reportedFailure } from '../reported-failure.ts'
import { CLAUDE_CODES, CLAUDE_FAILURES, CLAUDE_SUBTYPES, CLAUDE_VAGUE_CODES } from './claude-failures.ts'
import { type ClaudeStream, claudeUsage, readClaudeStream } from './read-claude-stream.ts'

/** What a finished Claude Code run claims; see AgentType.judge. */
export const judgeClaude = (
  streams: AgentStreams,
  exit: KeeperExit | null,
  nowMs: number,
): AgentJudgement => {
  const stream = readClaudeStream(streams.stdout)
  const { result, sessionId, toolCalls } = stream
  const excerpt = readExcerpt(streams.stderr)
  const usage = result === null ? null : claudeUsage(result)
  const summary = stream.said?.slice(0, LONGEST_SUMMARY) ?? null
  const base = { usage, sessionId, recorded: false, toolCalls, summary }
  if (result === null) return { ...base, success: false, ...withoutResult(stream, exit, excerpt, nowMs) }
  const text = textAt(result, 'result')
  if (isError(result, text, usage?.outputTokens ?? 0))
    return { ...base, success: false, ...failureOf(stream, result, excerpt, nowMs) }
  return {
    ...base,
    success: true,
    summary: text?.slice(0, LONGEST_SUMMARY) ?? summary,
    failure: null,
    retryAtMs: null,
  }
}

const LONGEST_SUMMARY = 8000

/**
 * `is_error` is what counts: an API error comes as subtype `success`, and older versions ended at their turn limit
 * without `is_error`. Where the model wrote nothing, a result that is one of its refusals is one, whatever it says.
 */
const isError = (result: AgentEvent, text: string | null, outputTokens: number): boolean =>
  fieldAt(result, 'is_error') !== false ||
  (textAt(result, 'subtype') ?? '').startsWith('error') ||
  (outputTokens === 0 && text !== null && classOfMessage(CLAUDE_FAILURES, text) !== null)

type Failed = Pick<AgentJudgement, 'failure' | 'retryAtMs'>

/** Structure first (a usage window that is over, a sure code), then its own words, then the status, then what is vague. */
const failureOf = (
  stream: ClaudeStream,
  result: AgentEvent,
  excerpt: string | null,
  nowMs: number,
): Failed => {
  const subtype = textAt(result, 'subtype') ?? ''
  const failed = reportedFailure(
    rowsFor(stream),
    {
      message: `${messageOf(result) || subtype}${denials(result)}`,
      status: numberAt(result, 'api_error_status'),
      otherwise:
        ownRow(CLAUDE_VAGUE_CODES, stream.errorCode) ?? ownRow(CLAUDE_SUBTYPES, subtype) ?? 'tool_failure',
      excerpt,
    },
    nowMs,
  )
  return { ...failed, retryAtMs: windowEnd(stream, nowMs) ?? failed.retryAtMs }
}

/** Its table, or the one class that its structure leaves. */
const rowsFor = (stream: ClaudeStream): typeof CLAUDE_FAILURES => {
  const sure: FailureClass | undefined =
    stream.rejectedUntilMs === null ? ownRow(CLAUDE_CODES, stream.errorCode) : 'quota_exhausted'
  return sure === undefined ? CLAUDE_FAILURES : [{ class: sure, pattern: /^/ }]
}

const windowEnd = ({ rejectedUntilMs }: ClaudeStream, nowMs: number): number | null =>
  rejectedUntilMs !== null && rejectedUntilMs > nowMs ? rejectedUntilMs : null

const messageOf = (result: AgentEvent): string =>
  textAt(result, 'result') ??
  listAt(result, 'errors')
    .filter((line) => typeof line === 'string')
    .join('; ')

/** Tools it asked for and was not allowed to use. */
const denials = (result: AgentEvent): string => {
  const names = listAt(result, 'permission_denials').map((denial) => textAt(denial, 'tool_name') ?? '?')
  return names.length === 0 ? '' : ` (denied: ${[...new Set(names)].slice(0, 10).join(', ')})`
}

/** It died, or never got so far: its last error code and the last line of its standard error are all there is. */
const withoutResult = (
  stream: ClaudeStream,
  exit: KeeperExit | null,
  excerpt: string | null,
  nowMs: number,
): Failed => {
  if (exit === null) return { failure: null, retryAtMs: null }
  const lastLine = excerpt
    ?.split('\n')
    .at(-1)
    ?.replace(/^Error: /, '')
  return reportedFailure(
    rowsFor(stream),
    {
      message: lastLine ?? 'it ended without a result',
      status: null,
      otherwise: ownRow(CLAUDE_VAGUE_CODES, stream.errorCode) ?? 'tool_failure',
      excerpt,
    },
    nowMs,
  )
}
