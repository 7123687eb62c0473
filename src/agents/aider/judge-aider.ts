import { stripVTControlCharacters } from 'node:util'
import type { Failure } from '../../contracts/failure.ts'
import type { KeeperExit } from '../../contracts/keeper.ts'
import { MOST_TOKENS, MOST_USD } from '../../contracts/usage-ceiling.ts'
import type { AgentJudgement, AgentStream, AgentStreams, AgentUsage } from '../agent-type.ts'
import { classOfMessage } from '../failure-patterns.ts'
import { readLines } from '../read-events.ts'
import { readExcerpt } from '../read-excerpt.ts'
import { reportedFailure } from '../reported-failure.ts'
import { AIDER_FAILURES } from './aider-failures.ts'

/**
 * What a finished aider run claims; see AgentType.judge. It writes text for people and exits with 0 even where its
 * model's service refused. Of that text only its own lines count: each answer is followed by one of tokens, so an error
 * is what stands after the last of them, where no word of the model is.
 */
export const judgeAider = (streams: AgentStreams, exit: KeeperExit | null, nowMs: number): AgentJudgement => {
  const { usage, edits, errorLine, answer } = readTranscript(streams.stdout)
  const failed =
    errorLine === null
      ? { failure: crashOf(exit, streams), retryAtMs: null }
      : reportedFailure(
          AIDER_FAILURES,
          { message: errorLine, status: null, otherwise: 'tool_failure', excerpt: errorLine.slice(0, 4000) },
          nowMs,
        )
  return {
    ...failed,
    success: failed.failure === null && exit?.exitCode === 0,
    usage,
    sessionId: null,
    recorded: false,
    summary: answer,
    toolCalls: edits,
  }
}

interface Transcript {
  readonly usage: AgentUsage | null
  /** Files it says it edited; each such line is one tool call. */
  readonly edits: number
  readonly errorLine: string | null
  /** The last whole answer of its model. */
  readonly answer: string | null
}

const TOKENS =
  /^Tokens: (\S+) sent(?:, \S+ cache write)?(?:, (\S+) cache hit)?, (\S+) received\.(?: Cost: \$\S+ message, \$(\S+) session\.)?$/
const COST = /^Cost: \$\S+ message, \$(\S+) session\.$/

const LONGEST_SUMMARY = 8000
/** What it says itself, before its model's first word and between its answers. */
const OWN_LINE =
  /^(?:Aider v\d|(?:Main |Weak |Editor )?[Mm]odel: |Git repo: |Repo-map: |Added .+ to the chat\.?$|Retrying in \d|The API provider )/

const readTranscript = (from: AgentStream): Transcript => {
  let usage: AgentUsage | null = null
  let edits = 0
  let errorLine: string | null = null
  let answer: string | null = null
  let said = ''
  for (const raw of readLines(from)) {
    const line = stripVTControlCharacters(raw).trimEnd()
    const tokens = TOKENS.exec(line)
    if (tokens !== null) {
      usage = addMessage(usage, tokens)
      errorLine = null
      answer = said.trim() || answer
      said = ''
    } else if (classOfMessage(AIDER_FAILURES, line) !== null) errorLine = line
    else if (line.startsWith('Applied edit to ')) edits += 1
    else if (!OWN_LINE.test(line)) said = `${said}${line}\n`.slice(0, LONGEST_SUMMARY)
    const session = tokens?.[4] ?? COST.exec(line)?.[1]
    if (session !== undefined && usage !== null) usage = { ...usage, usd: dollarsOf(session) ?? usage.usd }
  }
  return { usage, edits, errorLine, answer }
}

/** Tokens are told by message, dollars as the sum so far. */
const addMessage = (usage: AgentUsage | null, [, sent, hit, received]: RegExpExecArray): AgentUsage => {
  const input = countOf(sent)
  return {
    inputTokens: (usage?.inputTokens ?? 0) + input,
    cachedInputTokens: (usage?.cachedInputTokens ?? 0) + Math.min(input, countOf(hit)),
    outputTokens: (usage?.outputTokens ?? 0) + countOf(received),
    usd: usage?.usd ?? null,
  }
}

/** `950`, `1.2k`, `12k`, `1,234`: above a thousand it rounds. */
const countOf = (text: string | undefined): number => {
  const value = Number.parseFloat((text ?? '0').replaceAll(',', '')) * (text?.endsWith('k') ? 1000 : 1)
  return value >= 0 && value <= MOST_TOKENS ? Math.round(value) : 0
}

/** `0.34`, `1,234.50`; null for what is no price. */
const dollarsOf = (text: string): number | null => {
  const value = /^[\d,]+(?:\.\d+)?$/.test(text) ? Number(text.replaceAll(',', '')) : Number.NaN
  return value <= MOST_USD ? value : null
}

const crashOf = (exit: KeeperExit | null, streams: AgentStreams): Failure | null =>
  exit === null || exit.exitCode === 0
    ? null
    : {
        class: 'tool_failure',
        reason:
          exit.exitCode === null ? 'aider ended by a signal' : `aider exited with code ${exit.exitCode}`,
        excerpt: readExcerpt(streams.stderr) ?? readExcerpt(streams.stdout),
      }
