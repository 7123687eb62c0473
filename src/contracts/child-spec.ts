import { z } from 'zod'

/** OTP's permanent | transient | temporary under plainer names. */
export const RestartType = z.enum(['always', 'on-failure', 'never'])
export type RestartType = z.infer<typeof RestartType>

export const Strategy = z.enum(['one_for_one', 'one_for_all', 'rest_for_one'])
export type Strategy = z.infer<typeof Strategy>

export const LivenessKind = z.enum(['nonce', 'http', 'exec', 'identity'])
export type LivenessKind = z.infer<typeof LivenessKind>

const ms = z.number().int().nonnegative()

/**
 * What the supervisor must know of one child; data, never code. All times in milliseconds.
 * Semantics: the manual at the head of supervisor/supervisor.ts. Defaults: design of supervision, docs/operating.md.
 */
export const ChildSpec = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  group: z.string().min(1).default('default'),
  /** Position in its group: started left to right, stopped right to left. */
  order: z.number().int().default(0),
  start: z.object({
    argv: z.array(z.string()).min(1),
    cwd: z.string().min(1),
    /** Named values beyond the allow-list. */
    env: z.record(z.string(), z.string()).default({}),
  }),
  restart: RestartType.default('always'),
  ready: z
    .discriminatedUnion('by', [
      z.object({ by: z.literal('nonce'), withinMs: ms.default(30_000) }),
      z.object({ by: z.literal('file'), path: z.string().min(1), withinMs: ms.default(30_000) }),
      z.object({ by: z.literal('http'), url: z.url(), withinMs: ms.default(30_000) }),
      z.object({ by: z.literal('exit'), withinMs: ms.default(300_000) }),
      z.object({ by: z.literal('spawn') }),
    ])
    .default({ by: 'spawn' }),
  liveness: LivenessKind.default('identity'),
  /** For `http` a URL, for `exec` an argv. */
  livenessTarget: z
    .union([z.url(), z.array(z.string()).min(1)])
    .nullable()
    .default(null),
  heartbeat: z.object({ everyMs: ms.default(5_000), staleAfterMs: ms.default(45_000) }).prefault({}),
  probe: z
    .object({
      everyMs: ms.default(15_000),
      answerWithinMs: ms.default(5_000),
      misses: z.number().int().positive().default(2),
    })
    .prefault({}),
  stop: z
    .object({
      signal: z.enum(['SIGTERM', 'SIGINT', 'SIGHUP']).default('SIGTERM'),
      graceMs: ms.default(5_000),
    })
    .prefault({}),
  restartLimit: z
    .object({ max: z.number().int().positive().default(5), withinMs: ms.default(600_000) })
    .prefault({}),
  backoff: z
    .object({
      minMs: ms.default(250),
      maxMs: ms.default(300_000),
      steps: z.number().int().positive().default(8),
      resetAfterMs: ms.default(600_000),
    })
    .prefault({}),
  onLimit: z.enum(['quarantine', 'escalate']).default('quarantine'),
  /** How often a quarantined child is tried again. */
  quarantineRetryMs: ms.default(1_800_000),
  successExit: z.array(z.number().int()).default([0]),
})
export type ChildSpec = z.infer<typeof ChildSpec>

/** A group of children and how one death touches the others. */
export const GroupSpec = z.object({
  id: z.string().min(1),
  strategy: Strategy.default('one_for_one'),
  order: z.number().int().default(0),
  restartLimit: z
    .object({ max: z.number().int().positive().default(15), withinMs: ms.default(600_000) })
    .prefault({}),
})
export type GroupSpec = z.infer<typeof GroupSpec>
