import { TASK_KINDS, type TaskKind } from '../../contracts/lane-name.ts'
import { newId } from '../../platform/random.ts'
import type { Hindrance } from './decide-admission.ts'
import type { LaneParts } from './lane-turn.ts'

export type Claimed =
  | { readonly result: 'claimed'; readonly task: string }
  | { readonly result: 'nothing' }
  | ({ readonly result: 'refused' } & Hindrance)

/**
 * Claims the next task of this lane, where there is one and admission allows it. Admission comes first: a refusal
 * leaves the task Ready. Claim, move and start of the task's actor are one transaction.
 */
export const claimWork = async (parts: LaneParts): Promise<Claimed> => {
  const { lane, board, child, stream } = parts
  const kind = TASK_KINDS.find((each): each is TaskKind => each === lane)
  if (kind === undefined || !(await parts.store.hasEligible('task', kind, 'Ready'))) {
    return { result: 'nothing' }
  }
  // Who has no work loads nothing of what it would need.
  const { admitWork } = await import('./admit-work.ts')
  const admission = await admitWork(parts, kind)
  if (!admission.admitted) return refused(parts, admission)
  const runId = newId('run')
  const task = await board.take({
    kind,
    exceptRepos: admission.exceptRepos,
    by: { actor: 'lane', name: child.incarnation, fence: null },
    start: {
      queue: lane,
      event: { type: 'CLAIMED', runId },
      machine: 'task',
      input: { runId, lane },
      recordKey: 'spec',
      recordField: 'spec',
    },
  })
  if (task === null && admission.hindrance !== null) return refused(parts, admission.hindrance)
  if (task === null) return { result: 'nothing' }
  await stream.append('claimed', { task: task.spec.id, run: runId })
  return { result: 'claimed', task: task.spec.id }
}

/** Says when it could be allowed, where time alone tells. */
const refused = ({ clock }: LaneParts, { reason, retryInMs }: Hindrance): Claimed => {
  const until = retryInMs === null ? '' : `; not before ${new Date(clock.wallMs() + retryInMs).toISOString()}`
  return { result: 'refused', reason: `${reason}${until}`, retryInMs }
}
