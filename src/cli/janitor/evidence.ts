import { existsSync } from 'node:fs'
import type { JsonValue } from '../../contracts/json.ts'
import { writeAnchor } from '../../durable/anchors.ts'
import { JANITOR_STREAM } from '../../durable/journal-cut.ts'
import { EVIDENCE_DROPPED, EvidenceDropped } from '../../evidence/evidence-dropped.ts'
import { listRuns } from '../../evidence/read-runs.ts'
import type { RunSummary } from '../../evidence/run-summary.ts'
import { failPoint } from '../../platform/fail-point.ts'
import { removeTree } from '../../platform/remove-tree.ts'
import { relative } from '../print/format-time.ts'
import { bytesOf, type Chore, NOTHING_KEPT, type Plan } from './chore.ts'
import type { EndedTask } from './ended-tasks.ts'
import { isDue, type Look } from './look.ts'

export interface EvidencePlan extends Plan {
  /** Tasks of which evidence stays. */
  readonly told: ReadonlySet<string>
  /** Evidence that nobody can tell the task of. */
  readonly unreadable: readonly string[]
}

/**
 * Evidence of tasks that are over, and what their keepers left. The journal is told first, with the hash of every
 * attestation, so that `verify` knows what is gone on purpose.
 */
export const planEvidence = (look: Look): EvidencePlan => {
  const { layout, manifest, ended, alive, nowMs } = look
  const due = new Map(
    ended
      .filter(({ endedAtMs }) => isDue(look, endedAtMs, manifest.retention.runsMs))
      .map((task): [string, EndedTask] => [task.id, task]),
  )
  const { runs, problems } = listRuns(layout.runs)
  const dropped = runs.filter(({ task }) => due.has(task.id))
  const why = ({ endedAtMs }: EndedTask): string => `its task ended ${relative(nowMs, endedAtMs)}`
  const evidence: Chore = {
    kind: 'evidence',
    items: dropped.map(({ runId, task }) => ({
      subject: runId,
      why: why(due.get(task.id) as EndedTask),
      bytes: bytesOf(layout.runDir(runId)),
    })),
    act: () => dropRuns(look, dropped),
  }
  const keepers = [...due.values()].flatMap((task) =>
    task.attempts
      .filter((attempt) => existsSync(layout.keeperDir(attempt)) && alive?.has(attempt) === false)
      .map((attempt): Chore => {
        const path = layout.keeperDir(attempt)
        const item = { subject: attempt, why: why(task), bytes: bytesOf(path) }
        return { kind: 'keeper', items: [item], act: async () => removed(path) }
      }),
  )
  return {
    chores: [...(dropped.length === 0 ? [] : [evidence]), ...keepers],
    kept: problems.map((problem) => ({ kind: 'evidence', subject: 'unreadable', why: problem })),
    told: new Set(runs.filter((run) => !dropped.includes(run)).map(({ task }) => task.id)),
    unreadable: problems,
  }
}

const dropRuns = async ({ layout, store, keys }: Look, runs: readonly RunSummary[]) => {
  const data: EvidenceDropped = EvidenceDropped.parse({
    v: 1,
    runs: runs.map(({ runId, task, attempts }) => ({
      run: runId,
      task: task.id,
      attempts: Object.fromEntries(attempts.map(({ attemptId, attestation }) => [attemptId, attestation])),
    })),
  })
  await store.appendLaneEvent(JANITOR_STREAM, JANITOR_STREAM, EVIDENCE_DROPPED, data as unknown as JsonValue)
  failPoint('janitor.evidence_told')
  await writeAnchor(store, keys.privateKey)
  failPoint('janitor.evidence_anchored')
  for (const { runId } of runs) await removeTree(layout.runDir(runId))
  return NOTHING_KEPT
}

const removed = async (path: string) => {
  await removeTree(path)
  return NOTHING_KEPT
}
