import { z } from 'zod'

export const POLICY_STATUSES = ['allow', 'allow_with_warnings', 'require_review', 'block'] as const
export const PolicyStatus = z.enum(POLICY_STATUSES)
export type PolicyStatus = z.infer<typeof PolicyStatus>

/** One rule that spoke. `rule` is stable and documented (`path.blocked`, `review.risk` …). */
export const PolicyFinding = z.object({
  rule: z.string().regex(/^[a-z_]+\.[a-z_]+$/),
  effect: z.enum(['block', 'review', 'warn']),
  message: z.string().min(1),
  path: z.string().nullable(),
})
export type PolicyFinding = z.infer<typeof PolicyFinding>

/** The outcome of one evaluation: block beats review beats warn beats allow. */
export const PolicyDecision = z.object({
  status: PolicyStatus,
  findings: z.array(PolicyFinding),
  summary: z.string().min(1),
  /** Changed files that the checks see as the base has them as well: the work must hold up to what judged it before. */
  restore: z.array(z.string()).default([]),
})
export type PolicyDecision = z.infer<typeof PolicyDecision>
