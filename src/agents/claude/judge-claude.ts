import type { Failure, FailureClass } from '../../contracts/failure.ts'
import type { KeeperExit } from '../../contracts/keeper.ts'
import type { AgentJudgement, AgentStreams } from '../agent-type.ts'
import { fieldAt, listAt, numberAt, textAt } from '../event-fields.ts'
import { classOfMessage, classOfStatus } from '../failure-patterns.ts'
import type { AgentEvent } from '../read-events.ts'
import { readExcerpt } from '../read-excerpt.ts'
import { resetInstant } from '../reset-instant.ts'
import { CLAUDE_CODES, CLAUDE_FAILURES, CLAUDE_SUBTYPES, CLAUDE_VAGUE_CODES } from './claude-failures.ts'
import { type ClaudeStream, claudeUsage, readClaudeStream } from './read-claude-stream.ts'

/** What a finished Claude Code run claims; see AgentType.judge. */
export const judgeClaude = (
  streams: AgentStreams,
  exit: KeeperExit | null,
  nowMs: number,
): AgentJudgement => {
  const stream = readClaudeStream(streams.stdoutFile)
  const { result, sessionId, toolCalls } = stream
  const excerpt = readExcerpt(streams.stderrFile)
  const usage = result === null ? null : claudeUsage(result)
  const base = { usage, sessionId, recorded: false, toolCalls, retryAtMs: null }
  if (result === null)
    return { ...base, success: false, summary: null, failure: exit === null ? null : withoutResult(stream, excerpt) }
  const text = textAt(result, 'result')
  if (!isError(result, text, usage?.outputTokens ?? 0))
    return { ...base, success: true, summary: text?.slice(0, LONGEST_SUMMARY) ?? null, failure: null }
  const failure = failureOf(stream, result, excerpt)
  return { ...base, success: false, summary: null, failure, retryAtMs: retryAt(stream, failure, nowMs) }
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

const messageOf = (result: AgentEvent): string =>
  textAt(result, 'result') ??
  listAt(result, 'errors')
    .filter((line) => typeof line === 'string')
    .join('; ')

/** Structure first (a rejected usage window, a sure code), then its own words, then the status, then what is vague. */
const failureOf = (stream: ClaudeStream, result: AgentEvent, excerpt: string | null): Failure => {
  const message = messageOf(result)
  const subtype = textAt(result, 'subtype') ?? ''
  const failureClass =
    (stream.rejectedUntilMs === null ? null : 'quota_exhausted') ??
    CLAUDE_CODES[stream.errorCode ?? ''] ??
    classOfMessage(CLAUDE_FAILURES, message) ??
    classOfStatus(numberAt(result, 'api_error_status') ?? 0) ??
    CLAUDE_VAGUE_CODES[stream.errorCode ?? ''] ??
    CLAUDE_SUBTYPES[subtype] ??
    'tool_failure'
  return {
    class: failureClass,
    reason: `${reasonOf(message, subtype)}${denials(result)}`,
    excerpt,
  }
}

const reasonOf = (message: string, subtype: string): string => {
  if (message !== '') return `Claude Code reports: ${message.slice(0, 1000)}`
  return `Claude Code ended with ${subtype === '' ? 'an error' : subtype}`
}

/** Tools it asked for and was not allowed to use. */
const denials = (result: AgentEvent): string => {
  const names = listAt(result, 'permission_denials').map((denial) => textAt(denial, 'tool_name') ?? '?')
  return names.length === 0 ? '' : ` (denied: ${[...new Set(names)].slice(0, 10).join(', ')})`
}

const WAITS: ReadonlySet<FailureClass> = new Set(['quota_exhausted', 'rate_limited'])

const retryAt = (stream: ClaudeStream, failure: Failure, nowMs: number): number | null => {
  if (!WAITS.has(failure.class)) return null
  if (stream.rejectedUntilMs !== null && stream.rejectedUntilMs > nowMs) return stream.rejectedUntilMs
  return resetInstant(failure.reason, nowMs)
}

/** It died, or never got so far: its last error code and standard error are all there is. */
const withoutResult = (stream: ClaudeStream, excerpt: string | null): Failure => {
  const lastLine = excerpt?.split('\n').at(-1) ?? ''
  const failureClass =
    CLAUDE_CODES[stream.errorCode ?? ''] ??
    classOfMessage(CLAUDE_FAILURES, lastLine.replace(/^Error: /, '')) ??
    'tool_failure'
  return { class: failureClass, reason: 'Claude Code ended without a result', excerpt }
}
