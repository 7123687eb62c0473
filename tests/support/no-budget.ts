import type { BudgetConfig } from '../../src/contracts/compiled-manifest.ts'

/** Caps nothing. */
export const NO_BUDGET: BudgetConfig = {
  perHour: { runs: null, tokens: null, usdMicros: null },
  perDay: { runs: null, tokens: null, usdMicros: null },
  perTask: { usdMicros: null, tokens: null, attempts: null },
  perAttempt: { usdMicros: null, tokens: null },
}
