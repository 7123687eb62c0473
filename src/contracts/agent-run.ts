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
  /** The money reserved for the attempt is used up. */
  'budget',
  /** Wrote nothing at all after its start. */
  'boot',
  /** One tool call took too long. */
  'tool',
  /** Tool calls brought nothing new for too long. */
  'fuel',
  'processes',
  'disk',
  /** It said that it was done and did not end. */
  'lingering',
  'orphaned',
  'requested',
  /** The tree was stopped by a person; the work goes on with the next run. */
  'shutdown',
])
export type StopReason = z.infer<typeof StopReason>

/** What an attempt used up. `usd` is real money; `coveredUsd` what a subscription covered at list price. */
export const Usage = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cachedInputTokens: z.number().int().nonnegative().default(0),
  usd: z.number().nonnegative(),
  coveredUsd: z.number().nonnegative().default(0),
})
export type Usage = z.infer<typeof Usage>

/** What one agent execution came to. `interrupted`: killed from outside, or nothing certain is known; `deferred`: never started, because money or a window said no. Neither counts as an attempt. */
export const AgentOutcome = z.object({
  ending: z.enum(['completed', 'failed', 'interrupted', 'cancelled', 'deferred']),
  exitCode: z.union([z.number().int(), z.literal('UNKNOWN')]).nullable(),
  signal: z.string().nullable(),
  stopReason: StopReason.nullable(),
  failure: Failure.nullable(),
  startedAtMs: z.number().int(),
  endedAtMs: z.number().int(),
  containment: Containment,
  usage: Usage.nullable(),
  /** True where the agent only replays a recording; said in every record. */
  recorded: z.boolean(),
  sessionId: z.string().nullable(),
  /** The program's version, as it was found before the start. */
  agentVersion: z.string().max(200).nullable().default(null),
  /** `deferred` and quota failures: when it makes sense again, in UTC ms; null where nobody knows. */
  retryAtMs: z.number().int().nullable().default(null),
  /** A question the agent asks of a person instead of going on; untrusted text. */
  question: z
    .object({ id: z.string(), text: z.string().max(4000) })
    .nullable()
    .default(null),
  /** Its last message, for people and for whoever goes on; untrusted text. */
  summary: z.string().max(8000).nullable().default(null),
})
export type AgentOutcome = z.infer<typeof AgentOutcome>
