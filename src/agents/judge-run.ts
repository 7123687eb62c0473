import type { KeeperExit } from '../contracts/keeper.ts'
import type { AgentJudgement, AgentStreams, AgentType } from './agent-type.ts'

/** Monthly quotas are the longest. */
const FARTHEST_RETRY_MS = 40 * 86_400_000

/** It becomes one word of the next attempt's command line, and must not be an option there. */
const SESSION_ID = /^[!-,.-~][ -~]{0,499}$/

/**
 * What one execution claims. What it wrote may be anything: where it cannot be judged at all, nothing of it is known and
 * that is its failure; a time to come back that is too far off to be one is none, and so is a session by a name that no
 * program gives. Of one that we stopped, use and session are read to the end, but its failure only as far as it had
 * written when we decided to stop it: what our stop makes of its open connections says nothing of why it waited.
 */
export const judgeRun = (
  type: Pick<AgentType, 'judge'>,
  streams: AgentStreams,
  exit: KeeperExit | null,
  endedAtMs: number,
): AgentJudgement => {
  const whole = judged(type, streams, exit, endedAtMs)
  if (exit?.saidAtStop == null) return whole
  const { failure, retryAtMs } = judged(type, upTo(streams, exit.saidAtStop), exit, endedAtMs)
  return { ...whole, failure, retryAtMs }
}

const judged = (
  type: Pick<AgentType, 'judge'>,
  streams: AgentStreams,
  exit: KeeperExit | null,
  endedAtMs: number,
): AgentJudgement => {
  try {
    const judgement = type.judge(streams, exit, endedAtMs)
    const { retryAtMs, sessionId } = judgement
    const isSoon = retryAtMs !== null && retryAtMs - endedAtMs <= FARTHEST_RETRY_MS
    const isNamed = sessionId !== null && SESSION_ID.test(sessionId)
    return { ...judgement, retryAtMs: isSoon ? retryAtMs : null, sessionId: isNamed ? sessionId : null }
  } catch (error) {
    const reason = `what the agent wrote cannot be read: ${String(error)}`.slice(0, LONGEST_REASON)
    return { ...NOTHING_KNOWN, failure: { class: 'tool_failure', reason, excerpt: null } }
  }
}

const LONGEST_REASON = 1000

const NOTHING_KNOWN: AgentJudgement = {
  success: false,
  failure: null,
  usage: null,
  sessionId: null,
  recorded: false,
  summary: null,
  retryAtMs: null,
  toolCalls: null,
}

const upTo = (
  { stdout, stderr }: AgentStreams,
  { stdoutBytes, stderrBytes }: NonNullable<KeeperExit['saidAtStop']>,
): AgentStreams => ({
  stdout: { ...stdout, endBytes: stdoutBytes },
  stderr: { ...stderr, endBytes: stderrBytes },
})
