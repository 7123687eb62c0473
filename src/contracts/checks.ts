import { z } from 'zod'
import { Sha } from './ids.ts'

export const CheckResult = z.object({
  name: z.string().min(1),
  run: z.string().min(1),
  outcome: z.enum(['passed', 'failed', 'timed_out', 'error']),
  exitCode: z.number().int().nullable(),
  durationMs: z.number().nonnegative(),
  attempts: z.number().int().positive(),
  /** The commit whose tests it ran with, where those of the work were put aside; null: the commit as it is. */
  restoredFrom: Sha.nullable().default(null),
  /** The last lines of its output, bounded; untrusted text. */
  excerpt: z.string().max(8000),
  /** It failed, and often does without a reason that lies in the work. */
  flaky: z.boolean().default(false),
})
export type CheckResult = z.infer<typeof CheckResult>

/** All checks of one commit, run by us in a fresh clone, and again with the base's tests where those were changed. `passed` is the conjunction; no check at all is not a pass for auto merge. */
export const CheckReport = z.object({
  sha: Sha,
  purpose: z.enum(['head', 'merge_result']),
  passed: z.boolean(),
  results: z.array(CheckResult),
  containment: z.string(),
  /** Files that were put back as the base has them for the checks that say so in `restoredFrom`. */
  restored: z.array(z.string()).default([]),
})
export type CheckReport = z.infer<typeof CheckReport>
