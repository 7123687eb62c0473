import { expect, test } from 'vitest'
import { describeCost } from '../../src/evidence/describe-cost.ts'
import type { RunSummary } from '../../src/evidence/run-summary.ts'

const attempt = (usd: number | null, durationMs: number | null = 5) => ({ usd, durationMs })

test.each([
  ['1.50 USD', 1.5, [attempt(1), attempt(0.5)]],
  ['1.00 USD', 1, [attempt(1), attempt(null, null)]],
  ['at least 1.00 USD', 1, [attempt(1), attempt(null)]],
  ['cost unknown', null, [attempt(null)]],
])('%s', (words, usd, attempts) => {
  const summary = { totals: { usd }, attempts } as unknown as RunSummary
  expect(describeCost(summary)).toBe(words)
})
