import { z } from 'zod'

/** Where in its conversation with the agent the client was when it failed. */
export const AcpPhase = z.enum(['start', 'initialize', 'session', 'prompt'])
export type AcpPhase = z.infer<typeof AcpPhase>

/** An error as the agent answered it; code null where it never answered. */
const AcpError = z.object({
  phase: AcpPhase,
  code: z.number().nullable(),
  message: z.string(),
  data: z.unknown().optional(),
})

/**
 * One line that our client writes while it speaks to an agent: the agent's own updates as they are, and what we need of
 * them in one shape whichever agent it is.
 */
export const AcpEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('session'),
    sessionId: z.string(),
    /** By its own word; what is known of its ways goes by this name. */
    agent: z.string(),
    version: z.string().nullable(),
    resumed: z.boolean(),
  }),
  /** Something the agent says it does, unchanged. What it repeats of an earlier session is not written. */
  z.object({ type: z.literal('update'), update: z.looseObject({ sessionUpdate: z.string() }) }),
  /** `digest` tells results apart without repeating them. */
  z.object({
    type: z.literal('tool'),
    at: z.enum(['start', 'end']),
    id: z.string(),
    status: z.string().nullable(),
    digest: z.string().nullable(),
  }),
  z.object({ type: z.literal('permission'), tool: z.string(), answer: z.string() }),
  /** Totals so far; `usd` null where the agent tells none. */
  z.object({
    type: z.literal('usage'),
    inputTokens: z.number(),
    cachedInputTokens: z.number(),
    outputTokens: z.number(),
    usd: z.number().nullable(),
  }),
  z.object({
    type: z.literal('result'),
    ok: z.boolean(),
    stopReason: z.string().nullable(),
    error: AcpError.nullable(),
  }),
])
export type AcpEvent = z.infer<typeof AcpEvent>
export type AcpUsage = Extract<AcpEvent, { type: 'usage' }>
export type AcpResult = Extract<AcpEvent, { type: 'result' }>
