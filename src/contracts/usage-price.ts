import type { MeteredUsage, TokenPrice } from './meter.ts'

/**
 * What a use of tokens cost, in dollars: as told, else by the manifest's price, else nothing. Zero is what agents tell of a
 * model whose price they do not know. Cached tokens are part of the input.
 */
export const usdOf = (
  told: number | null,
  { inputTokens, cachedInputTokens, outputTokens }: Omit<MeteredUsage, 'usd'>,
  price: TokenPrice | null,
): number => {
  if (told !== null && told > 0) return told
  if (price === null) return 0
  const dollars =
    Math.max(inputTokens - cachedInputTokens, 0) * price.inputUsd +
    cachedInputTokens * price.cachedInputUsd +
    outputTokens * price.outputUsd
  return dollars / 1_000_000
}
