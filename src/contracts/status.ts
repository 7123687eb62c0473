import { z } from 'zod'
import { LivenessKind } from './child-spec.ts'
import { Instant } from './instant.ts'
import { ProcessIdentity } from './process-identity.ts'

export const CHILD_STATES = [
  'absent',
  'starting',
  'running',
  'ready',
  'suspect',
  'stopping',
  'backingOff',
  'quarantined',
  'finished',
] as const
export const ChildState = z.enum(CHILD_STATES)
export type ChildState = z.infer<typeof ChildState>

/** One child as the supervisor last recorded it; `status` proves it again at read time. */
export const ChildRecord = z.object({
  id: z.string(),
  role: z.enum(['lane', 'service']),
  group: z.string(),
  wanted: z.enum(['up', 'down', 'paused']),
  state: ChildState,
  liveness: LivenessKind,
  incarnation: z.string().nullable(),
  identity: ProcessIdentity.nullable(),
  heartbeatStaleAfterMs: z.number().int(),
  /** When the last nonce answer was accepted. */
  provedAt: Instant.nullable(),
  restarts: z.number().int().nonnegative(),
  nextAt: Instant.nullable(),
  reason: z.string(),
})
export type ChildRecord = z.infer<typeof ChildRecord>

/** What waits, and what wants a person; each with one action. */
export const Attention = z.object({
  kind: z.enum([
    'blocked_task',
    'open_gate',
    'quarantine',
    'journal_blocked',
    'disk_full',
    'reload_refused',
    'question',
    'agent',
    'lane_off',
    'paused',
  ]),
  subject: z.string(),
  reason: z.string(),
  action: z.string(),
})
export type Attention = z.infer<typeof Attention>

export const Terminal = z.enum(['passed', 'stopped', 'parked'])
export type Terminal = z.infer<typeof Terminal>

/** status.json: facts only, replaced atomically by the supervisor. The claim is derived at read time (see decideClaim). */
export const StatusFile = z.object({
  v: z.literal(1),
  name: z.string(),
  writtenAt: Instant,
  startedAt: Instant,
  supervisor: z.object({ incarnation: z.string(), identity: ProcessIdentity }),
  /** Set by a clean stop; null while running and after a crash. */
  cleanStop: z.object({ at: Instant, terminal: Terminal }).nullable(),
  paused: z.boolean(),
  containment: z.string(),
  sandbox: z.string(),
  gateTrust: z.enum(['sandboxed', 'same-user']),
  children: z.array(ChildRecord),
  /** Live attempts with their keepers. */
  keepers: z.array(z.object({ attempt: z.string(), task: z.string(), identity: ProcessIdentity.nullable() })),
  /** Runs in flight or waiting, for `status --run-id`. */
  runs: z.array(
    z.object({
      run: z.string(),
      task: z.string(),
      state: z.enum(['active', 'waiting', 'ended']),
      lane: z.string(),
      attempt: z.string().nullable(),
    }),
  ),
  counts: z.object({
    ready: z.number().int(),
    running: z.number().int(),
    review: z.number().int(),
    blocked: z.number().int(),
  }),
  attention: z.array(Attention),
})
export type StatusFile = z.infer<typeof StatusFile>

export const CLAIMS = {
  live_attached: 0,
  waiting_state_observed: 10,
  attachment_unproven: 11,
  terminal_observed: 12,
  snapshot_only: 13,
} as const
export type Claim = keyof typeof CLAIMS
