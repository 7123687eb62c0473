import { z } from 'zod'
import { Instant } from './instant.ts'

/** One decision of the supervisor, appended to supervisor.ndjson before it is carried out, journaled behind. OTP's report plus remedy. */
export const SupervisorReport = z.object({
  v: z.literal(1),
  n: z.number().int().positive(),
  at: Instant,
  context: z.enum([
    'supervisor_started',
    'supervisor_stopped',
    'child_started',
    'child_adopted',
    'child_ready',
    'child_terminated',
    'child_hung',
    'child_suspect',
    'child_stopping',
    'backoff',
    'quarantined',
    'released',
    'escalated',
    'diagnosed',
    'doctored',
    'resumed',
    'reload',
    'suppressed',
    'start_error',
    'shutdown_error',
    'journal_blocked',
    'suspend_detected',
  ]),
  child: z.string().nullable(),
  incarnation: z.string().nullable(),
  reason: z.string(),
  decision: z.string(),
  /** Restarts left in the window; null where it does not apply. */
  budgetLeft: z.number().int().nullable(),
  nextAt: Instant.nullable(),
  data: z.record(z.string(), z.json()).default({}),
})
export type SupervisorReport = z.infer<typeof SupervisorReport>

/** One death in the tally. Only unintended deaths count against the limit. */
export const DeathRecord = z.object({
  v: z.literal(1),
  child: z.string(),
  incarnation: z.string(),
  at: Instant,
  cause: z.enum(['exit', 'signal', 'hung', 'not_ready', 'start_failed', 'vanished', 'intended', 'sibling']),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  uptimeMs: z.number().nonnegative(),
})
export type DeathRecord = z.infer<typeof DeathRecord>
