import { z } from 'zod'

/** Where a value lies in one event: property names joined by dots (`message.usage.input`). */
const Path = z.string().regex(/^[A-Za-z0-9_$-]+(\.[A-Za-z0-9_$-]+)*$/)

/** Path → value; all must be equal. */
const When = z.record(Path, z.union([z.string(), z.boolean(), z.number()]))

/** Where the tokens of one event stand, added up where there are several paths. Cached tokens are part of the input. */
const TokenPaths = z.object({
  input: z.array(Path),
  cachedInput: z.array(Path).default([]),
  output: z.array(Path),
})
export type TokenPaths = z.infer<typeof TokenPaths>

/**
 * What one event of an agent's stream says about its running, as data: a keeper reads every line by these rules without
 * knowing the agent. The first rule whose `when` holds decides.
 */
export const MeterRule = z.object({
  when: When,
  /** One turn of the model. */
  turn: z.boolean().default(false),
  /** A tool call begins or ends; `id` tells calls apart, `novelty` are the paths that make it new or old, at its start (what is asked) and its end (what came of it) together. */
  tool: z
    .object({
      at: z.enum(['start', 'end']),
      /** The list of which every element that holds is a call of its own; the other paths are then within it. */
      each: z.object({ of: Path, when: When }).nullable().default(null),
      id: Path.nullable(),
      novelty: z.array(Path),
    })
    .nullable()
    .default(null),
  /** What is added to the count; `cumulative` replaces what was counted before. */
  usage: TokenPaths.extend({
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

/**
 * Files in its HOME in which an agent writes down, line by line while it runs, what its stream tells only in the end.
 * They are asked for usage alone; where both tell it, it is the same, and the larger count holds.
 */
export const MeterFile = z.object({
  /** Relative to HOME; folders below it count too. Of our own making: its parts are names. */
  folder: z.string(),
  /** How the names of the files begin and end. */
  prefix: z.string(),
  suffix: z.string(),
  /** Lines that tell the tokens of one answer of the model. */
  when: When,
  usage: TokenPaths,
  /** What tells one answer from another: an answer that is told again counts once. */
  answer: z.array(Path),
})
export type MeterFile = z.infer<typeof MeterFile>

/** US dollars for a million tokens. */
export const TokenPrice = z.object({
  inputUsd: z.number().nonnegative(),
  cachedInputUsd: z.number().nonnegative(),
  outputUsd: z.number().nonnegative(),
})
export type TokenPrice = z.infer<typeof TokenPrice>

/** Tokens and dollars, as a meter counts them. */
export const MeteredUsage = z.object({
  inputTokens: z.number().int().nonnegative(),
  cachedInputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  usd: z.number().nonnegative(),
})
export type MeteredUsage = z.infer<typeof MeteredUsage>

/** What a meter has counted so far. */
export const MeterReading = MeteredUsage.extend({
  turns: z.number().int().nonnegative(),
  toolCalls: z.number().int().nonnegative(),
  /** Of the novel results among them. */
  novelResults: z.number().int().nonnegative(),
  terminal: z.enum(['success', 'failure']).nullable(),
})
export type MeterReading = z.infer<typeof MeterReading>
