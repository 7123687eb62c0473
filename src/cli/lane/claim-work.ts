import { TASK_KINDS, type TaskKind } from '../../contracts/lane-name.ts'
import { readHostResources } from '../../platform/host-resources.ts'
import { newId } from '../../platform/random.ts'
import { decideAdmission } from './decide-admission.ts'
import type { LaneParts } from './lane-turn.ts'

export type Claimed =
  | { readonly result: 'claimed'; readonly task: string }
  | { readonly result: 'nothing' }
  | { readonly result: 'refused'; readonly reason: string }

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
  const admission = decideAdmission(await admissionFacts(parts, kind))
  if (!admission.admitted) return { result: 'refused', reason: admission.reason }
  const runId = newId('run')
  const task = await board.take({
    kind,
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
  if (task === null) return { result: 'nothing' }
  await stream.append('claimed', { task: task.spec.id, run: runId })
  return { result: 'claimed', task: task.spec.id }
}

const admissionFacts = async ({ board, manifest, lane }: LaneParts, kind: TaskKind) => {
  const [laneRunning, allRunning] = await Promise.all([
    board.count({ state: 'Running', kind }),
    board.count({ state: 'Running' }),
  ])
  return {
    laneRunning,
    laneConcurrency: manifest.lanes[lane]?.concurrency ?? 1,
    allRunning,
    allConcurrency: manifest.limits.concurrency,
    ...readHostResources(manifest.stateDir),
    minFreeMemoryBytes: manifest.limits.minFreeMemoryBytes,
    minFreeDiskBytes: manifest.limits.minFreeDiskBytes,
  }
}
