import { z } from 'zod'
import { AttemptId, RunId, Sha256 } from '../contracts/ids.ts'

/** `index.json`: every file an attempt's folder can have, and of those that are not there, why. Hashes are in the attestation. */
export const EvidenceIndex = z.object({
  v: z.literal(1),
  runId: RunId,
  attemptId: AttemptId,
  /** SHA-256 of the canonical facts this evidence was made from: how a repeated write recognises itself. */
  inputHash: Sha256,
  files: z.array(
    z.discriminatedUnion('present', [
      z.object({
        file: z.string(),
        present: z.literal(true),
        bytes: z.number().int().nonnegative(),
        /** What is not verbatim (left out, redacted); null where everything is. */
        note: z.string().nullable(),
      }),
      z.object({ file: z.string(), present: z.literal(false), reason: z.string() }),
    ]),
  ),
})
export type EvidenceIndex = z.infer<typeof EvidenceIndex>
export type IndexEntry = EvidenceIndex['files'][number]
