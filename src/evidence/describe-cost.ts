import type { RunSummary } from './run-summary.ts'

/** What a run cost in words. Where one of its attempts ran and nobody knows its price, the sum is what it cost at least. */
export const describeCost = ({ totals, attempts }: Pick<RunSummary, 'totals' | 'attempts'>): string => {
  if (totals.usd === null) return 'cost unknown'
  const isWhole = attempts.every(({ usd, durationMs }) => usd !== null || durationMs === null)
  return `${isWhole ? '' : 'at least '}${totals.usd.toFixed(2)} USD`
}
