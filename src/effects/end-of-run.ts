import type { AgentType } from '../agents/agent-type.ts'
import type { classifyRun } from '../agents/classify.ts'
import type { judgeRun } from '../agents/judge-run.ts'
import type { AgentOutcome, Usage } from '../contracts/agent-run.ts'
import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { KeeperExit, KeeperSpec } from '../contracts/keeper.ts'
import { sentSignal } from '../contracts/sent-signal.ts'
import type { Clock } from '../platform/clock.ts'
import { neverRan } from './agent-outcomes.ts'
import type { AgentSandboxPort } from './agent-sandbox-port.ts'
import type { KeeperPort } from './keeper-port.ts'
import type { LedgerPort } from './ledger-port.ts'
import type { LoginPort } from './login-port.ts'
import { ownEnd } from './own-end.ts'
import { spentOf } from './settle-run.ts'

export interface EndOfRunPorts {
  readonly clock: Clock
  readonly keepers: KeeperPort
  readonly ledger: LedgerPort
  readonly judgeRun: typeof judgeRun
  readonly classifyRun: typeof classifyRun
  /** Lends the login that a program keeps in the person's HOME, and takes it back. */
  readonly login: LoginPort
  readonly sandbox: AgentSandboxPort
}

interface EndedRun {
  readonly agent: AgentConfig
  readonly type: AgentType
  /** What its keeper was started with. */
  readonly spec: KeeperSpec
  /** Null where the keeper was lost before it wrote its record. */
  readonly exit: KeeperExit | null
  /** What its session had used before this attempt. */
  readonly usedBefore: Usage | null
  /** When we began to wait, for runs without a record. */
  readonly startedAtMs: number
}

/**
 * What follows the end of an agent, however it came about: a lent login is taken back, what it had for the run alone is
 * removed, its use is settled. All of it may be repeated; settling is the last, so that an open reservation is the sign
 * that something of it may be left to do.
 */
export const endOfRun = async (
  ports: EndOfRunPorts,
  { agent, type, spec, exit, usedBefore, startedAtMs }: EndedRun,
): Promise<AgentOutcome> => {
  const { attempt } = spec
  const endedAtMs = ports.clock.wallMs()
  const classified = ports.classifyRun({
    exit,
    judgement: ports.judgeRun(type, ports.keepers.streams(attempt), exit, exit?.endedAt.wallMs ?? endedAtMs),
    agent,
    usedBefore: countedIn(type, spec, usedBefore),
    version: spec.agentVersion,
    containment: spec.containment,
    startedAtMs,
    endedAtMs,
  })
  // A session that nobody can go on with is offered to nobody.
  const told = spec.resumes ? classified : { ...classified, sessionId: null }
  await ports.login.takeBack(attempt)
  const wasEntered = ports.sandbox.leave(attempt)
  const endedAt = exit?.endedAt ?? null
  const signal = unaskedSignal(told, exit)
  const outcome =
    signal === null || endedAt === null
      ? told
      : ownEnd(told, { signal, at: endedAt }, await ports.ledger.endBefore(attempt))
  const isWalledOut =
    !wasEntered && exit?.startError === null && exit.stopReason === null && exit.exitCode !== 0
  const wasStarted = !isWalledOut && exit?.startError == null
  await ports.ledger.settle(attempt, spentOf({ outcome, wasStarted, endedAt, signal }, agent, type))
  return isWalledOut ? neverRan(outcome) : outcome
}

/** A keeper that was lost, or asked for the end, or was itself asked, knows of no signal of others. */
const unaskedSignal = ({ ending, containment }: AgentOutcome, exit: KeeperExit | null): string | null =>
  ending !== 'interrupted' || exit === null || exit.stopReason !== null
    ? null
    : sentSignal(exit, containment.level)

/** What a stream counts that tells its use for the session as a whole. */
export const countedIn = (
  { capabilities }: AgentType,
  { resumes }: Pick<KeeperSpec, 'resumes'>,
  usedBefore: Usage | null,
): Usage | null => (capabilities.usageOfSession === true && resumes ? usedBefore : null)
