import type { MeteredUsage, TokenPaths, TokenPrice } from '../../src/contracts/meter.ts'
import { MOST_TOKENS, MOST_USD } from '../../src/contracts/usage-ceiling.ts'
import { usdOf } from '../../src/contracts/usage-price.ts'
import { valueAt } from './value-at.ts'

export const NO_USAGE: MeteredUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: 0 }

/** One event's tokens; dollars as told, else by the price. */
export const usageAt = (
  event: unknown,
  paths: TokenPaths & { readonly usd?: string | null },
  price: TokenPrice | null,
): MeteredUsage => {
  const inputTokens = tokensAt(event, paths.input)
  const cachedInputTokens = Math.min(tokensAt(event, paths.cachedInput), inputTokens)
  const outputTokens = tokensAt(event, paths.output)
  const told = paths.usd == null ? 0 : figure(valueAt(event, paths.usd), MOST_USD)
  const used = { inputTokens, cachedInputTokens, outputTokens }
  return { ...used, usd: usdOf(told, used, price) }
}

/** Adds two counts; neither tokens nor dollars go beyond what a run can use up. */
export const plus = (a: MeteredUsage, b: MeteredUsage): MeteredUsage =>
  each((field, most) => Math.min(a[field] + b[field], most))

/** What `a` has and `b` has not. */
export const beyond = (a: MeteredUsage, b: MeteredUsage): MeteredUsage =>
  each((field) => Math.max(a[field] - b[field], 0))

/** The larger of two counts of the same thing. */
export const larger = (a: MeteredUsage, b: MeteredUsage): MeteredUsage =>
  each((field) => Math.max(a[field], b[field]))

const each = (of: (field: keyof MeteredUsage, most: number) => number): MeteredUsage => ({
  inputTokens: of('inputTokens', MOST_TOKENS),
  cachedInputTokens: of('cachedInputTokens', MOST_TOKENS),
  outputTokens: of('outputTokens', MOST_TOKENS),
  usd: of('usd', MOST_USD),
})

const tokensAt = (event: unknown, paths: readonly string[]): number =>
  paths.reduce((sum, path) => sum + Math.round(figure(valueAt(event, path), MOST_TOKENS)), 0)

/** A number as an agent tells it; 0 where it is none, or one that cannot be. */
const figure = (value: unknown, most: number): number =>
  typeof value === 'number' && value >= 0 && value <= most ? value : 0
