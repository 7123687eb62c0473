import { z } from 'zod'
import { IncarnationId } from './ids.ts'
import { Instant } from './instant.ts'
import type { ProcessIdentity } from './process-identity.ts'

export const PROCESS_ROLES = ['supervisor', 'lane', 'service', 'keeper', 'agent', 'effect'] as const
export const ProcessRole = z.enum(PROCESS_ROLES)
export type ProcessRole = z.infer<typeof ProcessRole>

/**
 * The intent to start a process: written and fsynced before the process exists. The process itself writes its pid and
 * start time beside it before its first instruction (see src/platform/spawn-registered.ts).
 */
export const ProcessIntent = z.object({
  v: z.literal(1),
  incarnation: IncarnationId,
  role: ProcessRole,
  /** Who it is: a child id, an attempt id, or an effect id. */
  subject: z.string().min(1),
  /** The incarnation that starts it and answers for it. */
  owner: IncarnationId,
  /** The unguessable value of OC_SUPERVISE_MARK in its environment. */
  mark: z.string().min(16),
  argv: z.array(z.string()).min(1),
  at: Instant,
})
export type ProcessIntent = z.infer<typeof ProcessIntent>

/** An intent together with what its process wrote of itself; `identity` is null while it has written nothing. */
export interface ProcessRegistration {
  readonly intent: ProcessIntent
  readonly identity: ProcessIdentity | null
  /** The folder that holds both files. */
  readonly dir: string
}
