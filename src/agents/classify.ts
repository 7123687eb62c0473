import type { AgentOutcome, Containment, StopReason, Usage } from '../contracts/agent-run.ts'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { Failure, FailureClass } from '../contracts/failure.ts'
import type { KeeperExit } from '../contracts/keeper.ts'
import { sentSignal } from '../contracts/sent-signal.ts'
import { MOST_TOKENS, MOST_USD } from '../contracts/usage-ceiling.ts'
import { usdOf } from '../contracts/usage-price.ts'
import type { AgentJudgement, AgentUsage } from './agent-type.ts'

interface RunFacts {
  /** Null where the keeper was lost before it wrote its record. */
  readonly exit: KeeperExit | null
  readonly judgement: AgentJudgement
  readonly agent: Pick<AgentConfig, 'price' | 'covered'>
  /** What the session had used before, where the agent tells its use for the session as a whole; else null. */
  readonly usedBefore: AgentUsage | null
  readonly version: string | null
  readonly containment: Containment
  /** When the attempt was started and found ended by its owner, for runs without a record. */
  readonly startedAtMs: number
  readonly endedAtMs: number
}

type Ending = Pick<AgentOutcome, 'ending' | 'failure'>

/**
 * What one agent execution came to, from the keeper's record and the agent's own protocol. First match decides:
 * stopped by us → why, or what it waited for; killed from outside or keeper lost → `interrupted`; else the judgement, and exit code 0, and
 * something done at all. Who says that it is done and has to be ended is judged by what it said.
 */
export const classifyRun = (facts: RunFacts): AgentOutcome => {
  const { exit, judgement } = facts
  return {
    ...endingOf(facts),
    exitCode: exit === null ? 'UNKNOWN' : exit.exitCode,
    signal: exit?.signal ?? null,
    stopReason: exit?.stopReason ?? null,
    startedAtMs: exit?.startedAt.wallMs ?? facts.startedAtMs,
    endedAtMs: exit?.endedAt.wallMs ?? facts.endedAtMs,
    containment: facts.containment,
    usage: usageOf(facts),
    recorded: judgement.recorded,
    sessionId: judgement.sessionId,
    agentVersion: facts.version,
    retryAtMs: judgement.retryAtMs,
    question: null,
    summary: judgement.summary,
  }
}

const endingOf = ({ exit, judgement, containment }: RunFacts): Ending => {
  if (exit === null) return judgement.success ? COMPLETED : INTERRUPTED
  if (exit.startError !== null)
    return failed('infra_tooling', `the agent could not be started: ${exit.startError}`)
  const { stopReason } = exit
  const lingered = stopReason === 'lingering'
  if (stopReason !== null && stopReason !== 'lingering') return explained(stopReason, judgement)
  if (!lingered && sentSignal(exit, containment.level) !== null) return INTERRUPTED
  if (judgement.success && didNothing(judgement)) return NOTHING_DONE
  if (judgement.success && (lingered || exit.exitCode === 0)) return COMPLETED
  return { ending: 'failed', failure: judgement.failure ?? unexplained(exit) }
}

const COMPLETED: Ending = { ending: 'completed', failure: null }
const INTERRUPTED: Ending = { ending: 'interrupted', failure: null }

const failed = (failureClass: FailureClass, reason: string): Ending => ({
  ending: 'failed',
  failure: { class: failureClass, reason, excerpt: null },
})

/** One row a reason for which a keeper ends its agent. `requested` and `orphaned` say nothing about the agent. */
const STOPPED: Readonly<Record<Exclude<StopReason, 'lingering'>, Ending>> = {
  wall_clock: failed('timeout', 'the agent ran longer than its wall-clock limit'),
  idle: failed('no_progress', 'the agent wrote nothing for longer than its idle limit'),
  memory: failed('oom', 'the agent used more memory than its limit'),
  output: failed('tool_failure', 'the agent wrote more output than its limit'),
  tokens: failed('context_limit', 'the agent used more tokens than its limit'),
  turns: failed('no_progress', 'the agent took more turns than its limit'),
  budget: failed('quota_exhausted', 'the agent used up the money that was reserved for this attempt'),
  boot: failed('timeout', 'the agent wrote nothing at all within its boot limit'),
  tool: failed('timeout', 'one tool call of the agent took longer than its limit'),
  fuel: failed('no_progress', 'the agent went on calling tools without anything new coming of it'),
  processes: failed('tool_failure', 'the agent had more processes than its limit'),
  disk: failed('tool_failure', 'the agent filled more disk than its limit'),
  orphaned: INTERRUPTED,
  shutdown: INTERRUPTED,
  requested: { ending: 'cancelled', failure: null },
}

/** Limits that end an agent because it waits: what it waits for may stand in its own error channel. */
const WAITING: ReadonlySet<StopReason> = new Set(['wall_clock', 'idle', 'boot'])
/** What agents go on retrying in silence. */
const WAITED_FOR: ReadonlySet<FailureClass> = new Set([
  'quota_exhausted',
  'rate_limited',
  'auth',
  'model_error',
])

/** Why we stopped it; where it only waited and said for what, that is the cause. */
const explained = (stopReason: Exclude<StopReason, 'lingering'>, { failure }: AgentJudgement): Ending =>
  WAITING.has(stopReason) && failure !== null && WAITED_FOR.has(failure.class)
    ? { ending: 'failed', failure }
    : STOPPED[stopReason]

/** Exit 0 without a token and without a tool call: its backend failed, whatever the program says. */
const didNothing = ({ toolCalls, usage }: AgentJudgement): boolean =>
  toolCalls === 0 && (usage === null || usage.outputTokens === 0)

const NOTHING_DONE = failed(
  'model_error',
  'the agent ended as if it were done, without a token and without a tool call: its model never worked',
)

/** What it used up, by its own account or else by what the keeper's meter saw. */
const usageOf = ({ judgement, exit, agent, usedBefore }: RunFacts): Usage | null => {
  const told = judgement.usage ?? exit?.reading ?? null
  if (told === null) return null
  const used = usedBefore === null ? told : without(told, usedBefore)
  const usd = Math.min(usdOf(used.usd, used, agent.price), MOST_USD)
  return {
    inputTokens: Math.min(used.inputTokens, MOST_TOKENS),
    cachedInputTokens: Math.min(used.cachedInputTokens, used.inputTokens, MOST_TOKENS),
    outputTokens: Math.min(used.outputTokens, MOST_TOKENS),
    usd: agent.covered ? 0 : usd,
    coveredUsd: agent.covered ? usd : 0,
  }
}

const without = (used: AgentUsage, before: AgentUsage): AgentUsage => ({
  inputTokens: Math.max(used.inputTokens - before.inputTokens, 0),
  cachedInputTokens: Math.max(used.cachedInputTokens - before.cachedInputTokens, 0),
  outputTokens: Math.max(used.outputTokens - before.outputTokens, 0),
  usd: used.usd === null ? null : Math.max(used.usd - (before.usd ?? 0), 0),
})

const unexplained = (exit: KeeperExit): Failure => ({
  class: 'tool_failure',
  reason:
    exit.signal === null
      ? `the agent exited with code ${exit.exitCode}`
      : `the agent ended by ${exit.signal}`,
  excerpt: null,
})
