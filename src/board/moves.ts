import type { BoardState } from '../contracts/task.ts'

/** Who moves a task. `lane`: the task's own machine, for itself or as a person asked it to. */
export type MoveActor = 'person' | 'lane' | 'supervisor'

/**
 * What must be true of a move besides its row. `reason`: it says why. `lease`: the mover holds the task's actor.
 * `attempt_stopped`: no agent of the task lives, as proved by whoever moves it. `phase`: it says who is wanted next.
 */
export type MoveGuard = 'reason' | 'lease' | 'attempt_stopped' | 'phase'

interface MoveRow {
  readonly from: BoardState
  readonly to: BoardState
  readonly actor: MoveActor
  readonly guards: readonly MoveGuard[]
}

const row = (from: BoardState, to: BoardState, actor: MoveActor, ...guards: MoveGuard[]): MoveRow => ({
  from,
  to,
  actor,
  guards,
})

/** Every legal move. What is not here is refused, whoever asks; from Done and Cancelled nothing leads back. */
export const MOVES: readonly MoveRow[] = [
  row('Backlog', 'Ready', 'person'),
  row('Backlog', 'Ready', 'supervisor', 'reason'),
  row('Backlog', 'Blocked', 'person', 'reason'),
  row('Backlog', 'Done', 'person', 'reason'),
  row('Backlog', 'Cancelled', 'person'),
  row('Backlog', 'Ready', 'lane', 'lease', 'reason'),
  row('Backlog', 'Running', 'lane', 'lease'),
  row('Backlog', 'Cancelled', 'lane', 'lease', 'attempt_stopped'),
  row('Backlog', 'Done', 'lane', 'lease'),

  row('Ready', 'Running', 'lane', 'lease'),
  row('Ready', 'Backlog', 'person'),
  row('Ready', 'Backlog', 'lane', 'reason'),
  row('Ready', 'Blocked', 'person', 'reason'),
  row('Ready', 'Blocked', 'lane', 'reason'),
  row('Ready', 'Done', 'person', 'reason'),
  row('Ready', 'Cancelled', 'person'),
  row('Ready', 'Cancelled', 'lane', 'lease', 'attempt_stopped'),
  row('Ready', 'Done', 'lane', 'lease'),

  row('Running', 'Review', 'lane', 'lease', 'phase'),
  row('Running', 'Done', 'lane', 'lease'),
  row('Running', 'Blocked', 'lane', 'lease', 'reason'),
  row('Running', 'Ready', 'lane', 'lease', 'reason', 'attempt_stopped'),
  row('Running', 'Backlog', 'lane', 'lease', 'reason', 'attempt_stopped'),
  row('Running', 'Cancelled', 'lane', 'lease', 'attempt_stopped'),
  row('Running', 'Ready', 'supervisor', 'reason', 'attempt_stopped'),
  row('Running', 'Blocked', 'supervisor', 'reason', 'attempt_stopped'),
  row('Running', 'Ready', 'person', 'attempt_stopped'),
  row('Running', 'Backlog', 'person', 'attempt_stopped'),
  row('Running', 'Blocked', 'person', 'reason', 'attempt_stopped'),
  row('Running', 'Done', 'person', 'reason', 'attempt_stopped'),
  row('Running', 'Cancelled', 'person', 'attempt_stopped'),

  row('Review', 'Review', 'lane', 'lease', 'phase'),
  row('Review', 'Running', 'lane', 'lease'),
  row('Review', 'Done', 'lane', 'lease'),
  row('Review', 'Blocked', 'lane', 'lease', 'reason'),
  row('Review', 'Ready', 'lane', 'lease', 'reason'),
  row('Review', 'Backlog', 'lane', 'lease', 'reason'),
  row('Review', 'Cancelled', 'lane', 'lease'),
  row('Review', 'Blocked', 'supervisor', 'reason'),
  row('Review', 'Ready', 'person'),
  row('Review', 'Backlog', 'person'),
  row('Review', 'Blocked', 'person', 'reason'),
  row('Review', 'Done', 'person', 'reason'),
  row('Review', 'Cancelled', 'person'),

  row('Blocked', 'Ready', 'person'),
  row('Blocked', 'Ready', 'supervisor', 'reason', 'attempt_stopped'),
  row('Blocked', 'Running', 'lane', 'lease'),
  row('Blocked', 'Review', 'lane', 'lease', 'phase'),
  row('Blocked', 'Ready', 'lane', 'lease', 'reason'),
  row('Blocked', 'Backlog', 'lane', 'lease', 'reason'),
  row('Blocked', 'Done', 'lane', 'lease'),
  row('Blocked', 'Cancelled', 'lane', 'lease'),
  row('Blocked', 'Backlog', 'person'),
  row('Blocked', 'Done', 'person', 'reason'),
  row('Blocked', 'Cancelled', 'person'),
]

export interface MoveFacts {
  readonly from: BoardState
  readonly to: BoardState
  readonly actor: MoveActor
  readonly reason: string
  readonly phase: 'automated' | 'human' | null
  readonly holdsLease: boolean
  readonly attemptStopped: boolean
}

export type MoveJudgement = { readonly legal: true } | { readonly legal: false; readonly why: string }

const GUARDS: Readonly<Record<MoveGuard, { holds(facts: MoveFacts): boolean; readonly why: string }>> = {
  reason: { holds: ({ reason }) => reason.trim() !== '', why: 'it needs a reason' },
  lease: { holds: ({ holdsLease }) => holdsLease, why: 'only who holds the task may do it' },
  attempt_stopped: {
    holds: ({ attemptStopped }) => attemptStopped,
    why: 'its agent must be stopped and proved dead first',
  },
  phase: { holds: ({ phase }) => phase !== null, why: 'Review needs a phase, automated or human' },
}

/** Looks a move up in the table and asks its guards; a refusal says which one said no. */
export const judgeMove = (facts: MoveFacts): MoveJudgement => {
  const { from, to, actor } = facts
  if (facts.phase !== null && to !== 'Review') return { legal: false, why: `${to} has no phase` }
  const found = MOVES.find((move) => move.from === from && move.to === to && move.actor === actor)
  if (found === undefined)
    return { legal: false, why: `a ${actor} may not move a task from ${from} to ${to}` }
  const broken = found.guards.find((guard) => !GUARDS[guard].holds(facts))
  if (broken === undefined) return { legal: true }
  return { legal: false, why: `${from} to ${to}: ${GUARDS[broken].why}` }
}
