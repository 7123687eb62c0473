import { z } from 'zod'
import { Containment, StopReason } from './agent-run.ts'
import { AttemptId, IncarnationId } from './ids.ts'
import { Instant } from './instant.ts'
import { MeteredUsage, MeterFile, MeterReading, MeterRule, TokenPrice } from './meter.ts'
import { ProcessIdentity } from './process-identity.ts'

/** keepers/<attempt>/spec.json: everything a keeper needs, written before it starts. Times in ms, sizes in bytes. */
export const KeeperSpec = z.object({
  protocol: z.literal('keeper/v1'),
  attempt: AttemptId,
  agent: z.object({
    argv: z.array(z.string()).min(1),
    /** The words before its own that put it into the sandbox; empty: none. */
    wrapper: z.array(z.string()).default([]),
    cwd: z.string(),
    /** The whole environment of the agent; nothing is inherited. */
    env: z.record(z.string(), z.string()),
    /** What is fed to standard input; null closes it. */
    stdinFile: z.string().nullable(),
  }),
  containment: Containment,
  mark: z.string().min(16),
  /** The version of its program, as it was found before the start; for the record. */
  agentVersion: z.string().max(200).nullable().default(null),
  /** False where its version cannot go on with sessions: it began a new one, and nobody goes on with that. */
  resumes: z.boolean().default(true),
  /** How its standard output is read while it runs; null where it has no protocol. */
  meter: z
    .object({
      rules: z.array(MeterRule),
      price: TokenPrice.nullable(),
      /** Followed beside the stream, under the agent's HOME. */
      files: z.array(MeterFile).default([]),
      /** What the stream counts in of the session's earlier attempts; files are read only for what is new in them. */
      usedBefore: MeteredUsage.nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Folders whose growth counts against `diskBytes`. */
  measured: z.array(z.string()).default([]),
  limits: z.object({
    wallClockMs: z.number().int().positive(),
    idleMs: z.number().int().positive().nullable(),
    outputBytes: z.number().int().positive(),
    memoryBytes: z.number().int().positive().nullable(),
    /** Until the agent's first output; null: only idleMs counts. */
    bootMs: z.number().int().positive().nullable().default(null),
    /** For one tool call; while one is in flight idleMs does not count. */
    toolMs: z.number().int().positive().nullable().default(null),
    processes: z.number().int().positive().nullable().default(null),
    /** How much the workspace and HOME may grow. */
    diskBytes: z.number().int().positive().nullable().default(null),
    tokens: z.number().int().positive().nullable().default(null),
    usd: z.number().positive().nullable().default(null),
    turns: z.number().int().positive().nullable().default(null),
    /** Progress fuel: a tool call spends one, a novel result earns two up to this; empty stops the agent. */
    fuel: z.number().int().positive().nullable().default(null),
    /** After a terminal event the agent has so long to end by itself. */
    afterTerminalMs: z.number().int().positive().default(10_000),
    stopGraceMs: z.number().int().nonnegative(),
    orphanTimeoutMs: z.number().int().positive(),
  }),
})
export type KeeperSpec = z.infer<typeof KeeperSpec>

/** keepers/<attempt>/owner.json: who answers for this keeper now; renewed by the owner. A keeper without a living owner stops itself. */
export const KeeperOwner = z.object({ incarnation: IncarnationId, identity: ProcessIdentity, at: Instant })
export type KeeperOwner = z.infer<typeof KeeperOwner>

/** keepers/<attempt>/control.json: what the owner asks of the keeper. */
export const KeeperControl = z.object({ ask: z.literal('stop'), reason: StopReason })
export type KeeperControl = z.infer<typeof KeeperControl>

/** keepers/<attempt>/exit.json: the fsynced exit record, written once, last. */
export const KeeperExit = z.object({
  protocol: z.literal('keeper/v1'),
  attempt: AttemptId,
  startedAt: Instant,
  endedAt: Instant,
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  stopReason: StopReason.nullable(),
  stdoutBytes: z.number().int().nonnegative(),
  stderrBytes: z.number().int().nonnegative(),
  /** How much it had written when we decided to stop it; null where it ended by itself. */
  saidAtStop: z
    .object({ stdoutBytes: z.number().int().nonnegative(), stderrBytes: z.number().int().nonnegative() })
    .nullable()
    .default(null),
  /** Why the agent could not be started at all. */
  startError: z.string().nullable(),
  /** What the meter counted; null where there was none. */
  reading: MeterReading.nullable().default(null),
})
export type KeeperExit = z.infer<typeof KeeperExit>
