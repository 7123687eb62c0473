import type { Asked } from '../../machines/live/child-events.ts'
import type { ChildSpec, GroupSpec } from '../../src/contracts/child-spec.ts'
import type { DeathRecord } from '../../src/contracts/supervisor-report.ts'
import { decideBackoff, failuresInARow } from './decide-backoff.ts'
import { decideChildLimit, decideGroupLimit, limitWindowMs } from './decide-limit.ts'
import { decideRestart, type ExitKind } from './decide-restart.ts'

/** How a process ended, as far as we know. */
export interface ExitSeen {
  readonly exitCode: number | null
  readonly signal: string | null
  /** It never came to life. */
  readonly startFailed: boolean
}

/** An unintended death of the tally; see supervisor/death-tally.ts. */
export interface DeathSeen {
  readonly child: string
  readonly agoMs: number
  readonly readyMs: number
}

export interface ExitFacts {
  readonly spec: ChildSpec
  readonly group: GroupSpec
  readonly members: readonly string[]
  readonly exit: ExitSeen
  readonly asked: Asked
  readonly readyMs: number
  /** Started from quarantine and not proved healthy since. */
  readonly onProbation: boolean
  /** The recovery ladder's last word; null while it has not given up. */
  readonly gaveUp: string | null
  /** The tally before this death. */
  readonly deaths: readonly DeathSeen[]
  readonly jitter: number
  readonly nowMonoMs: number
  /** When the child whose death took this one down is due. */
  readonly siblingDueMs: number | null
}

export interface ExitDecision {
  readonly next: 'absent' | 'finished' | 'starting' | 'backingOff' | 'quarantined'
  readonly rule: string
  readonly dueMonoMs: number | null
  readonly cause: DeathRecord['cause']
  readonly reason: string
  readonly budgetLeft: number | null
  /** An unintended death that leads to a restart, now or later: the group's strategy applies. */
  readonly isFailure: boolean
  /** Who is told: the child's own limit, or its group's. */
  readonly escalate: 'none' | 'child' | 'group'
}

/** Everything that follows from one exit: the cause for the tally, what happens next, and when. */
export const decideExit = (facts: ExitFacts): ExitDecision => {
  const verdict = decideRestart(facts.spec.restart, kindOf(facts.exit, facts.spec), facts.asked)
  const base = {
    dueMonoMs: null,
    budgetLeft: null,
    isFailure: false,
    escalate: 'none',
    reason: describeExit(facts),
  } as const
  switch (verdict) {
    case 'down':
      return { ...base, next: 'absent', rule: 'asked-stop', cause: 'intended' }
    case 'finish':
      return { ...base, next: 'finished', rule: 'finished', cause: causeOf(facts, true) }
    case 'again':
      return facts.asked === 'sibling'
        ? { ...base, next: 'backingOff', rule: 'sibling', cause: 'sibling', dueMonoMs: facts.siblingDueMs }
        : { ...base, next: 'starting', rule: 'asked-restart', cause: 'intended', dueMonoMs: facts.nowMonoMs }
    case 'restart':
      return decideFailure(facts, { ...base, cause: causeOf(facts, false) })
  }
}

const decideFailure = (facts: ExitFacts, base: Pick<ExitDecision, 'cause' | 'reason'>): ExitDecision => {
  const { spec, nowMonoMs } = facts
  const deaths = [...facts.deaths, { child: spec.id, agoMs: 0, readyMs: facts.readyMs }]
  const limit = decideChildLimit(spec, deaths)
  const budgetLeft = limit.left
  const quarantine = (rule: string, why: string, escalate: ExitDecision['escalate']): ExitDecision => ({
    ...base,
    next: 'quarantined',
    rule,
    reason: `${why}; last: ${base.reason}`,
    dueMonoMs: nowMonoMs + spec.quarantineRetryMs,
    budgetLeft,
    isFailure: true,
    escalate,
  })
  const toldWhom = spec.onLimit === 'escalate' ? 'child' : 'none'
  if (facts.gaveUp !== null) return quarantine('recovery-gave-up', facts.gaveUp, toldWhom)
  if (facts.onProbation && facts.readyMs < spec.backoff.resetAfterMs)
    return quarantine('probation', 'the try from quarantine failed', 'none')
  if (limit.exceeded)
    return quarantine('child-limit', `more than ${spec.restartLimit.max} failures in its window`, toldWhom)
  if (decideGroupLimit(facts.group, facts.members, deaths).exceeded)
    return quarantine('group-limit', `group ${facts.group.id} fails as a whole`, 'group')
  return { ...base, ...decideWait(facts, deaths), budgetLeft, isFailure: true, escalate: 'none' }
}

/** The first failure starts again at once; where siblings must go down first, it waits for them at the gate. */
const decideWait = (
  { spec, group, jitter, nowMonoMs }: ExitFacts,
  deaths: readonly DeathSeen[],
): Pick<ExitDecision, 'next' | 'rule' | 'dueMonoMs'> => {
  const windowMs = limitWindowMs(spec)
  const own = deaths.filter((death) => death.child === spec.id && death.agoMs <= windowMs)
  const failures = failuresInARow(
    own.map((death) => death.readyMs),
    spec.backoff,
  )
  const dueMonoMs = nowMonoMs + decideBackoff(failures, spec.backoff, jitter)
  return failures === 1 && group.strategy === 'one_for_one'
    ? { next: 'starting', rule: 'restart-now', dueMonoMs }
    : { next: 'backingOff', rule: 'backoff', dueMonoMs }
}

const kindOf = ({ exitCode, signal, startFailed }: ExitSeen, spec: ChildSpec): ExitKind => {
  if (signal !== null) return 'signal'
  return !startFailed && exitCode !== null && spec.successExit.includes(exitCode) ? 'normal' : 'abnormal'
}

const causeOf = ({ asked, exit, spec }: ExitFacts, isFinish: boolean): DeathRecord['cause'] => {
  if (asked === 'hung' || asked === 'not_ready' || asked === 'sibling') return asked
  // A job that ends as its spec intends is no failure.
  if (isFinish && kindOf(exit, spec) === 'normal') return 'intended'
  if (exit.startFailed) return 'start_failed'
  if (exit.signal !== null) return 'signal'
  return exit.exitCode === null ? 'vanished' : 'exit'
}

const describeExit = ({ exit, asked }: ExitFacts): string => {
  const why = ASKED_WORDS[asked]
  if (exit.startFailed) return `${why}could not be started`
  if (exit.signal !== null) return `${why}ended by ${exit.signal}`
  return exit.exitCode === null ? `${why}vanished` : `${why}exited with ${exit.exitCode}`
}

const ASKED_WORDS: Record<Asked, string> = {
  none: '',
  stop: 'stopped as asked: ',
  restart: 'restarted as asked: ',
  sibling: 'taken down with its group: ',
  hung: 'was hung: ',
  not_ready: 'was not ready in time: ',
}
