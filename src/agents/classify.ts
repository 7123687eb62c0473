import type { AgentOutcome, Containment, StopReason } from '../contracts/agent-run.ts'
import type { Failure, FailureClass } from '../contracts/failure.ts'
import type { KeeperExit } from '../contracts/keeper.ts'
import type { AgentJudgement } from './agent-type.ts'

interface RunFacts {
  /** Null where the keeper was lost before it wrote its record. */
  readonly exit: KeeperExit | null
  readonly judgement: AgentJudgement
  readonly containment: Containment
  /** When the attempt was started and found ended by its owner, for runs without a record. */
  readonly startedAtMs: number
  readonly endedAtMs: number
}

type Ending = Pick<AgentOutcome, 'ending' | 'failure'>

/**
 * What one agent execution came to, from the keeper's record and the agent's own protocol. First match decides:
 * stopped by us → why; killed from outside or keeper lost → `interrupted`; else the judgement.
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
    usage: judgement.usage,
    recorded: judgement.recorded,
    sessionId: judgement.sessionId,
  }
}

const endingOf = ({ exit, judgement, containment }: RunFacts): Ending => {
  if (exit === null) return judgement.success ? COMPLETED : INTERRUPTED
  if (exit.startError !== null)
    return failed('infra_tooling', `the agent could not be started: ${exit.startError}`)
  if (exit.stopReason !== null) return STOPPED[exit.stopReason]
  if (wasKilledFromOutside(exit, containment)) return INTERRUPTED
  if (judgement.success) return COMPLETED
  return { ending: 'failed', failure: judgement.failure ?? unexplained(exit) }
}

const COMPLETED: Ending = { ending: 'completed', failure: null }
const INTERRUPTED: Ending = { ending: 'interrupted', failure: null }

const failed = (failureClass: FailureClass, reason: string): Ending => ({
  ending: 'failed',
  failure: { class: failureClass, reason, excerpt: null },
})

/** One row a reason for which a keeper ends its agent. `requested` and `orphaned` say nothing about the agent. */
const STOPPED: Readonly<Record<StopReason, Ending>> = {
  wall_clock: failed('timeout', 'the agent ran longer than its wall-clock limit'),
  idle: failed('no_progress', 'the agent wrote nothing for longer than its idle limit'),
  memory: failed('oom', 'the agent used more memory than its limit'),
  output: failed('tool_failure', 'the agent wrote more output than its limit'),
  tokens: failed('context_limit', 'the agent used more tokens than its limit'),
  turns: failed('no_progress', 'the agent took more turns than its limit'),
  orphaned: INTERRUPTED,
  shutdown: INTERRUPTED,
  requested: { ending: 'cancelled', failure: null },
}

/** Signals that somebody sends; the others (SEGV, ABRT …) are the program's own doing. */
const OUTSIDE_SIGNALS = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])
/** The same through the shell that is the first process of a namespace: 128 + signal number. */
const OUTSIDE_CODES = new Set([129, 130, 131, 137, 143])

const wasKilledFromOutside = (exit: KeeperExit, containment: Containment): boolean =>
  exit.signal !== null
    ? OUTSIDE_SIGNALS.has(exit.signal)
    : containment.level === 'namespace' && OUTSIDE_CODES.has(exit.exitCode ?? 0)

const unexplained = (exit: KeeperExit): Failure => ({
  class: 'tool_failure',
  reason:
    exit.signal === null
      ? `the agent exited with code ${exit.exitCode}`
      : `the agent ended by ${exit.signal}`,
  excerpt: null,
})
