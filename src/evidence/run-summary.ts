import { z } from 'zod'
import { AttemptId, RunId, Sha256 } from '../contracts/ids.ts'
import { AttemptResult } from './attempt-result.ts'

/** `runs/<run-id>/summary.json`: all attempts of one run. */
export const RunSummary = z.object({
  v: z.literal(1),
  runId: RunId,
  task: AttemptResult.shape.task,
  /** What the latest attempt came to. */
  status: AttemptResult.shape.status,
  headline: z.string(),
  attempts: z
    .array(
      z.object({
        attemptId: AttemptId,
        attempt: z.number().int().positive(),
        status: AttemptResult.shape.status,
        agent: AttemptResult.shape.agent,
        summary: z.string(),
        failureClass: z.string().nullable(),
        durationMs: z.number().int().nullable(),
        usd: z.number().nullable(),
        recorded: z.boolean(),
        recordedAt: z.string(),
        /** SHA-256 of its attestation.json. */
        attestation: Sha256,
      }),
    )
    .min(1),
  totals: z.object({
    attempts: z.number().int(),
    /** Never counted as attempts, but charged. */
    interrupted: z.number().int(),
    durationMs: z.number().int(),
    /** Null where no agent said what it cost. */
    usd: z.number().nullable(),
  }),
  changedFiles: AttemptResult.shape.changedFiles,
  validation: AttemptResult.shape.validation,
  commit: AttemptResult.shape.commit,
  pull: AttemptResult.shape.pull,
  recordedAt: z.string(),
})
export type RunSummary = z.infer<typeof RunSummary>
