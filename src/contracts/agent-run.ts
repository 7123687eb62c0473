import { z } from 'zod'
import { Failure } from './failure.ts'

/** How far the end of a run's first process is the end of all of it. */
export const ContainmentLevel = z.enum(['namespace', 'swept'])
export type ContainmentLevel = z.infer<typeof ContainmentLevel>

export const Containment = z.object({
  level: ContainmentLevel,
  /** The sandbox profile's name, or `off`. */
  sandbox: z.string().min(1),
})
export type Containment = z.infer<typeof Containment>

/** Why the keeper ended its agent, where it did. */
export const StopReason = z.enum([
  'wall_clock',
  'idle',
  'memory',
  'output',
  'tokens',
  'turns',
  'orphaned',
  'requested',
  /** The tree was stopped by a person; the work goes on with the next run. */
  'shutdown',
])
export type StopReason = z.infer<typeof StopReason>

/** What one agent execution came to. `interrupted`: killed from outside, or nothing certain is known; it never counts as an attempt. */
export const AgentOutcome = z.object({
  ending: z.enum(['completed', 'failed', 'interrupted', 'cancelled']),
  exitCode: z.union([z.number().int(), z.literal('UNKNOWN')]).nullable(),
  signal: z.string().nullable(),
  stopReason: StopReason.nullable(),
  failure: Failure.nullable(),
  startedAtMs: z.number().int(),
  endedAtMs: z.number().int(),
  containment: Containment,
  usage: z
    .object({
      inputTokens: z.number().int().nonnegative(),
      outputTokens: z.number().int().nonnegative(),
      usd: z.number().nonnegative(),
    })
    .nullable(),
  /** True where the agent only replays a recording; said in every record. */
  recorded: z.boolean(),
  sessionId: z.string().nullable(),
})
export type AgentOutcome = z.infer<typeof AgentOutcome>
