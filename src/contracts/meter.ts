import { z } from 'zod'

/** Where a value lies in one event: property names joined by dots (`message.usage.input`). */
const Path = z.string().regex(/^[A-Za-z0-9_$-]+(\.[A-Za-z0-9_$-]+)*$/)

/**
 * What one event of an agent's stream says about its running, as data: a keeper reads every line by these rules without
 * knowing the agent. The first rule whose `when` holds decides.
 */
export const MeterRule = z.object({
  /** Path → value; all must be equal. */
  when: z.record(Path, z.union([z.string(), z.boolean(), z.number()])),
  /** One turn of the model. */
  turn: z.boolean().default(false),
  /** A tool call begins or ends; `id` tells calls apart, `novelty` are the paths that make it new or old, at its start (what is asked) and its end (what came of it) together. */
  tool: z
    .object({ at: z.enum(['start', 'end']), id: Path.nullable(), novelty: z.array(Path) })
    .nullable()
    .default(null),
  /** Tokens at these paths, added up where there are several; `cumulative` replaces what was counted before. */
  usage: z
    .object({
      input: z.array(Path),
      cachedInput: z.array(Path).default([]),
      output: z.array(Path),
      /** Dollars at this path, where the agent tells them. */
      usd: Path.nullable().default(null),
      cumulative: z.boolean().default(false),
    })
    .nullable()
    .default(null),
  /** The agent says that it is done; what comes after is only its end. */
  terminal: z.enum(['success', 'failure']).nullable().default(null),
})
export type MeterRule = z.infer<typeof MeterRule>

/** US dollars for a million tokens. */
export const TokenPrice = z.object({
  inputUsd: z.number().nonnegative(),
  cachedInputUsd: z.number().nonnegative(),
  outputUsd: z.number().nonnegative(),
})
export type TokenPrice = z.infer<typeof TokenPrice>

/** What a meter has counted so far. */
export const MeterReading = z.object({
  inputTokens: z.number().int().nonnegative(),
  cachedInputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  usd: z.number().nonnegative(),
  turns: z.number().int().nonnegative(),
  toolCalls: z.number().int().nonnegative(),
  /** Of the novel results among them. */
  novelResults: z.number().int().nonnegative(),
  terminal: z.enum(['success', 'failure']).nullable(),
})
export type MeterReading = z.infer<typeof MeterReading>
