import { readFileSync } from 'node:fs'
import type { findQuestion } from '../agents/find-question.ts'
import type { AgentOutcome, Containment } from '../contracts/agent-run.ts'
import type { Failure } from '../contracts/failure.ts'
import type { AttemptId } from '../contracts/ids.ts'
import { questionIdOf } from '../contracts/question-id.ts'
import type { Reservation } from './ledger-port.ts'

/** The agent's exit code is that of its walls, which could not be built: nothing it is to blame for. */
export const neverRan = (outcome: AgentOutcome): AgentOutcome => ({
  ...outcome,
  ending: 'failed',
  failure: {
    class: 'infra_tooling',
    reason: "the sandbox could not be built; see the agent's standard error",
    excerpt: outcome.failure?.excerpt ?? null,
  },
})

type Refused = Extract<Reservation, { granted: false }>

/** Put off until money allows it; what time alone never allows has failed. Nothing was started either way. */
export const notAllowed = (
  { failure, retryAtMs }: Refused,
  facts: {
    readonly startedAtMs: number
    readonly version: string | null
    readonly containment: Containment
  },
): AgentOutcome => ({
  ending: retryAtMs === null ? 'failed' : 'deferred',
  exitCode: null,
  signal: null,
  stopReason: retryAtMs === null && failure.class === 'quota_exhausted' ? 'budget' : null,
  failure,
  startedAtMs: facts.startedAtMs,
  endedAtMs: facts.startedAtMs,
  containment: facts.containment,
  usage: null,
  recorded: false,
  sessionId: null,
  agentVersion: facts.version,
  retryAtMs,
  question: null,
  summary: null,
})

/** An agent that ends with a question has not finished: the task waits for a person. */
export const askedOf = (
  outcome: AgentOutcome,
  asked: { readonly attempt: AttemptId; readonly promptFile: string; readonly find: typeof findQuestion },
): AgentOutcome => {
  const text = outcome.ending === 'completed' ? asked.find(readText(asked.promptFile), outcome.summary) : null
  if (text === null) return outcome
  const failure: Failure = {
    class: 'awaiting_input',
    reason: `the agent asks: ${text}`.slice(0, 2000),
    excerpt: null,
  }
  return { ...outcome, ending: 'failed', failure, question: { id: questionIdOf(asked.attempt), text } }
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
