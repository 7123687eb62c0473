import { z } from 'zod'
import { AttemptId, RunId, Sha256, TaskId } from '../contracts/ids.ts'

export const EVIDENCE_DROPPED = 'evidence.dropped'

/** Data of an `evidence.dropped` event: runs whose evidence was kept as long as it had to be, and is gone on purpose. */
export const EvidenceDropped = z.object({
  v: z.literal(1),
  runs: z.array(
    z.object({
      run: RunId,
      task: TaskId,
      /** SHA-256 of each attempt's attestation.json. */
      attempts: z.record(AttemptId, Sha256),
    }),
  ),
})
export type EvidenceDropped = z.infer<typeof EvidenceDropped>
