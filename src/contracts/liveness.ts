import { z } from 'zod'
import { IncarnationId, Sha256 } from './ids.ts'
import { Instant } from './instant.ts'

/** Written by a child's work loop between turns to heartbeats/<child>.json; never from a timer beside the work. */
export const Heartbeat = z.object({
  v: z.literal(1),
  child: z.string().min(1),
  incarnation: IncarnationId,
  at: Instant,
  /** Turns done so far. */
  turn: z.number().int().nonnegative(),
  doing: z.enum(['idle', 'working', 'waiting', 'draining', 'paused']),
  /** What it works on, or why it waits; one line. */
  detail: z.string().max(500),
  /** A declared long turn: no heartbeat is due before this instant. */
  busyUntil: Instant.nullable(),
  /** The last event this incarnation committed. */
  progress: z.object({ at: Instant, events: z.number().int().nonnegative() }).nullable(),
})
export type Heartbeat = z.infer<typeof Heartbeat>

/** probes/<child>.challenge.json, written by the supervisor. */
export const ProbeChallenge = z.object({
  v: z.literal(1),
  incarnation: IncarnationId,
  sequence: z.number().int().positive(),
  nonce: z.string().min(32),
  expires: Instant,
})
export type ProbeChallenge = z.infer<typeof ProbeChallenge>

/** The last event an incarnation committed on its own stream. */
export const StreamHead = z.object({
  stream: z.string().min(1),
  version: z.number().int().nonnegative(),
  hash: Sha256,
})
export type StreamHead = z.infer<typeof StreamHead>

/** probes/<child>.answer.json, written by the child's work loop. The HMAC-SHA-256 covers canonicalJson of the other fields. */
export const ProbeAnswer = z.object({
  v: z.literal(1),
  incarnation: IncarnationId,
  sequence: z.number().int().positive(),
  nonce: z.string().min(32),
  head: StreamHead,
  hmac: Sha256,
})
export type ProbeAnswer = z.infer<typeof ProbeAnswer>
