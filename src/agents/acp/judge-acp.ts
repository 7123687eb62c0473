import type { FailureClass } from '../../contracts/failure.ts'
import type { KeeperExit } from '../../contracts/keeper.ts'
import type { AgentJudgement, AgentStream, AgentStreams, AgentUsage } from '../agent-type.ts'
import { countAt, dollarsAt, textAt } from '../event-fields.ts'
import { classOfMessage, classOfStatus, type FailurePattern } from '../failure-patterns.ts'
import { ownRow } from '../own-row.ts'
import { readEvents } from '../read-events.ts'
import { readExcerpt } from '../read-excerpt.ts'
import { reportedFailure } from '../reported-failure.ts'
import { AcpEvent, type AcpResult, type AcpUsage } from './acp-events.ts'
import { type AcpQuirks, quirksOf } from './acp-quirks.ts'

/** What a finished conversation with an agent claims, from what our client wrote of it; see AgentType.judge. */
export const judgeAcp = (streams: AgentStreams, exit: KeeperExit | null, nowMs: number): AgentJudgement => {
  const stream = readStream(streams.stdout)
  const { sessionId, toolCalls, usage, result } = stream
  const excerpt = readExcerpt(streams.stderr)
  const base = {
    usage: usage === null ? null : totalsOf(usage),
    sessionId,
    recorded: false,
    toolCalls,
    summary: summaryOf(stream),
  }
  if (result === null && exit === null) return { ...base, success: false, failure: null, retryAtMs: null }
  const quirks = quirksOf(stream.agent)
  const refusal = result?.ok === true ? refusalIn(stream, quirks) : null
  if (result?.ok === true && refusal === null)
    return { ...base, success: true, failure: null, retryAtMs: null }
  const told =
    refusal === null ? tellingOf(result, quirks) : { rows: quirks.failuresAsText, message: refusal }
  return {
    ...base,
    success: false,
    summary: summaryOf(stream, refusal),
    ...reportedFailure(told.rows, { status: null, otherwise: 'tool_failure', ...told, excerpt }, nowMs),
  }
}

const LONGEST_SUMMARY = 8000

/** The last that its model said; a refusal at the end of that is no word of the model. */
const summaryOf = ({ text, saidBefore }: AcpStream, refusal: string | null = null): string | null => {
  const said = text.trim()
  const own = refusal !== null && said.endsWith(refusal) ? said.slice(0, -refusal.length).trim() : said
  return (own || saidBefore).slice(0, LONGEST_SUMMARY) || null
}

interface AcpStream {
  readonly agent: string
  readonly sessionId: string | null
  readonly toolCalls: number
  readonly usage: AcpUsage | null
  /** What it said after its last tool call. */
  readonly text: string
  /** What it said before that call. */
  readonly saidBefore: string
  /** The last piece of it. */
  readonly lastChunk: string
  readonly result: AcpResult | null
}

const readStream = (from: AgentStream): AcpStream => {
  let stream: AcpStream = {
    agent: '',
    sessionId: null,
    toolCalls: 0,
    usage: null,
    text: '',
    saidBefore: '',
    lastChunk: '',
    result: null,
  }
  for (const line of readEvents(from)) {
    const parsed = AcpEvent.safeParse(line)
    if (parsed.success) stream = { ...stream, ...read(parsed.data, stream) }
  }
  return stream
}

const read = (event: AcpEvent, stream: AcpStream): Partial<AcpStream> => {
  switch (event.type) {
    case 'session':
      return { agent: event.agent, sessionId: event.sessionId }
    case 'tool':
      return {
        saidBefore: stream.text.trim() || stream.saidBefore,
        text: '',
        lastChunk: '',
        toolCalls: stream.toolCalls + (event.at === 'start' ? 1 : 0),
      }
    case 'update':
      return event.update.sessionUpdate === 'agent_message_chunk'
        ? addChunk(stream, textAt(event, 'update.content.text') ?? '')
        : {}
    case 'usage':
      return { usage: event }
    case 'result':
      return { result: event }
    default:
      return {}
  }
}

const addChunk = ({ text }: AcpStream, chunk: string): Partial<AcpStream> => ({
  text: text + chunk,
  lastChunk: chunk,
})

/** A failure told as a message: all that it said last, or the piece that came after what its model had said. */
const refusalIn = ({ text, lastChunk }: AcpStream, { failuresAsText }: AcpQuirks): string | null =>
  [text, lastChunk]
    .map((said) => said.trim())
    .find((said) => classOfMessage(failuresAsText, said) !== null) ?? null

const totalsOf = (usage: AcpUsage): AgentUsage => ({
  inputTokens: countAt(usage, 'inputTokens'),
  cachedInputTokens: countAt(usage, 'cachedInputTokens'),
  outputTokens: countAt(usage, 'outputTokens'),
  usd: dollarsAt(usage, 'usd'),
})

/** What an error says, and how it is read; see reportedFailure. */
interface Telling {
  readonly rows: readonly FailurePattern[]
  readonly message: string
  readonly status?: number | null
  readonly otherwise?: FailureClass
}

/** The turn ended, but not well. `cancelled` without our asking is the agent's own doing. */
const STOP_REASONS: Readonly<Record<string, FailureClass>> = {
  max_tokens: 'context_limit',
  max_turn_requests: 'no_progress',
  refusal: 'tool_failure',
  cancelled: 'tool_failure',
}

const tellingOf = (result: AcpResult | null, quirks: AcpQuirks): Telling => {
  if (result === null) return { rows: [], message: 'the conversation with it broke off' }
  const { error, stopReason } = result
  if (error === null) {
    const otherwise = ownRow(STOP_REASONS, stopReason) ?? 'tool_failure'
    return { rows: [], message: `its turn ended with ${stopReason}`, otherwise }
  }
  const detail = textAt(error.data, 'message') ?? textAt(error.data, 'details')
  const message = detail === null ? error.message : `${error.message}: ${detail}`
  const name = quirks.errorName === null ? null : textAt(error.data, quirks.errorName.at)
  const sure = ownRow(quirks.errorName?.classes ?? {}, name) ?? CODES[error.code ?? 0] ?? PHASES[error.phase]
  const status = quirks.statusCodes && classOfStatus(error.code ?? 0) !== null ? error.code : null
  const rows = sure === undefined ? ACP_FAILURES : [{ class: sure, pattern: /^/ }]
  return { rows, message, status, otherwise: 'model_error' }
}

/** Codes that the protocol itself defines; -32603, the internal error, says nothing. */
const CODES: Readonly<Record<number, FailureClass>> = {
  [-32000]: 'auth',
  [-32002]: 'infra_tooling',
  [-32022]: 'infra_tooling',
  [-32600]: 'infra_tooling',
  [-32601]: 'infra_tooling',
  [-32602]: 'infra_tooling',
  [-32700]: 'infra_tooling',
}

/** Before there is a session no model was asked. */
const PHASES: Readonly<Partial<Record<string, FailureClass>>> = {
  start: 'dependency_missing',
  initialize: 'infra_tooling',
}

/** Messages of errors as agents word them, from their start; some begin with the protocol's own "Internal error". */
const ACP_FAILURES: readonly FailurePattern[] = [
  {
    class: 'quota_exhausted',
    pattern:
      /^(?:Internal error: )?(?:You[’']ve hit your (?:[\w-]+ )?limit|You have exhausted|Quota exceeded)/i,
  },
  { class: 'rate_limited', pattern: /^(?:Internal error: )?(?:Rate limit|Too many requests)/i },
  {
    class: 'context_limit',
    pattern: /^(?:Internal error: )?(?:Prompt is too long|Context (?:window|length))/i,
  },
  {
    class: 'auth',
    pattern: /^(?:Internal error: )?(?:Invalid API key|Authentication required|Unauthorized)/i,
  },
]
