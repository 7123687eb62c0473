import { stripVTControlCharacters } from 'node:util'
import type { Failure, FailureClass } from '../../contracts/failure.ts'
import type { KeeperExit } from '../../contracts/keeper.ts'
import type { AgentJudgement, AgentStream, AgentStreams, AgentUsage } from '../agent-type.ts'
import { countAt, dollarsAt, fieldAt, numberAt, textAt } from '../event-fields.ts'
import { classOfMessage } from '../failure-patterns.ts'
import { ownRow } from '../own-row.ts'
import { parseEvent, readEvents } from '../read-events.ts'
import { readExcerpt } from '../read-excerpt.ts'
import { reportedFailure } from '../reported-failure.ts'
import { OPENCODE_ERRORS, OPENCODE_FAILURES, PROVIDER_CODES } from './opencode-failures.ts'

/** What a finished `opencode run --format json` claims; see AgentType.judge. */
export const judgeOpencode = (
  streams: AgentStreams,
  exit: KeeperExit | null,
  nowMs: number,
): AgentJudgement => {
  const stream = readStream(streams.stdout)
  const base = {
    usage: stream.usage,
    sessionId: stream.sessionId,
    recorded: false,
    toolCalls: stream.toolCalls,
    retryAtMs: null,
    summary: stream.text?.slice(0, LONGEST_SUMMARY) ?? null,
  }
  const excerpt = readExcerpt(streams.stderr)
  if (stream.error !== null) return { ...base, success: false, ...failureOf(stream.error, excerpt, nowMs) }
  if (stream.lastReason === 'stop') return { ...base, success: true, failure: null }
  const failure = exit === null ? null : unfinished(stream.lastReason, excerpt)
  return { ...base, success: false, failure }
}

const LONGEST_SUMMARY = 8000

type Failed = Pick<AgentJudgement, 'failure' | 'retryAtMs'>

interface OpencodeStream {
  readonly sessionId: string | null
  readonly usage: AgentUsage | null
  readonly toolCalls: number
  readonly text: string | null
  /** Why the last step ended. It writes no event of its own for the end of the whole run, or only newer versions do. */
  readonly lastReason: string | null
  /** The error that ended it; what it recovered from (by compacting, say) is followed by a further step. */
  readonly error: unknown
}

const readStream = (from: AgentStream): OpencodeStream => {
  let sessionId: string | null = null
  let usage: AgentUsage | null = null
  let toolCalls = 0
  let text: string | null = null
  let lastReason: string | null = null
  let error: unknown = null
  for (const event of readEvents(from)) {
    sessionId = textAt(event, 'sessionID') ?? sessionId
    const type = textAt(event, 'type')
    if (type === 'tool_use') toolCalls += 1
    if (type === 'text') text = textAt(event, 'part.text') ?? text
    if (type === 'error') error = fieldAt(event, 'error') ?? {}
    if (type === 'step_start') lastReason = null
    if (type === 'step_finish') {
      usage = addStep(usage, event)
      lastReason = textAt(event, 'part.reason')
      error = null
    }
  }
  return { sessionId, usage, toolCalls, text, lastReason, error }
}

/** Its input counts leave cached tokens out, its output the reasoning; ours hold them. A price it does not know is 0. */
const addStep = (usage: AgentUsage | null, event: unknown): AgentUsage => {
  const cached = countAt(event, 'part.tokens.cache.read')
  const usd = (usage?.usd ?? 0) + (dollarsAt(event, 'part.cost') ?? 0)
  return {
    inputTokens:
      (usage?.inputTokens ?? 0) +
      countAt(event, 'part.tokens.input') +
      cached +
      countAt(event, 'part.tokens.cache.write'),
    cachedInputTokens: (usage?.cachedInputTokens ?? 0) + cached,
    outputTokens:
      (usage?.outputTokens ?? 0) +
      countAt(event, 'part.tokens.output') +
      countAt(event, 'part.tokens.reasoning'),
    usd: usd === 0 ? null : usd,
  }
}

/** Structure first: the error's name, the provider's own code, then the words, then the status. */
const failureOf = (error: unknown, excerpt: string | null, nowMs: number): Failed => {
  const name = textAt(error, 'name') ?? 'error'
  const message = messageOf(error)
  const codes = ['error.code', 'error.type', 'code', 'type'].map((path) => textAt(bodyOf(error), path))
  const sure =
    ownRow(OPENCODE_ERRORS, name) ??
    codes.map((code) => ownRow(PROVIDER_CODES, code)).find((found) => found !== undefined)
  const failed = reportedFailure(
    sure === undefined ? OPENCODE_FAILURES : [{ class: sure, pattern: /^/ }],
    {
      message: message || name,
      status: numberAt(error, 'data.statusCode'),
      otherwise: 'model_error',
      excerpt,
    },
    nowMs,
  )
  const waits = failed.failure?.class === 'quota_exhausted' || failed.failure?.class === 'rate_limited'
  return waits ? { ...failed, retryAtMs: retryAt(error, nowMs) ?? failed.retryAtMs } : failed
}

const messageOf = (error: unknown): string => textAt(error, 'data.message') ?? textAt(error, 'message') ?? ''

/** What the provider itself answered. */
const bodyOf = (error: unknown): unknown => parseEvent(textAt(error, 'data.responseBody') ?? '')

/** By the provider's own header or body. */
const retryAt = (error: unknown, nowMs: number): number | null => {
  const after = headerOf(error, 'retry-after') ?? ''
  const candidates = [
    nowMs + Number(headerOf(error, 'retry-after-ms') ?? Number.NaN),
    nowMs + Number(after === '' ? Number.NaN : after) * 1000,
    Date.parse(after),
    countAt(bodyOf(error), 'error.resets_at') * 1000,
  ]
  const found = candidates.find((atMs) => atMs > nowMs)
  return found === undefined ? null : Math.round(found)
}

/** Whatever its case. */
const headerOf = (error: unknown, name: string): string | null => {
  const headers = fieldAt(error, 'data.responseHeaders')
  if (typeof headers !== 'object' || headers === null) return null
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

/** One row a way in which its last step may end short of `stop`. */
const REASONS: Readonly<Record<string, readonly [FailureClass, string]>> = {
  length: ['context_limit', 'the model’s answer was cut off at its length limit'],
  'content-filter': ['tool_failure', 'the model’s service filtered the answer'],
  error: ['model_error', 'the last step ended with an error'],
}

/** No error event, and no last step that stopped by itself. */
const unfinished = (lastReason: string | null, excerpt: string | null): Failure => {
  const [failureClass, reason] = ownRow(REASONS, lastReason) ?? [
    classOfMessage(OPENCODE_FAILURES, lastErrorLine(excerpt)) ?? 'model_error',
    'opencode ended before the model was done',
  ]
  return { class: failureClass, reason, excerpt }
}

/** It begins its own error lines with `Error:`. */
const lastErrorLine = (excerpt: string | null): string =>
  stripVTControlCharacters(excerpt ?? '')
    .split('\n')
    .findLast((line) => /^\s*Error: /.test(line))
    ?.replace(/^\s*Error: /, '') ?? ''
