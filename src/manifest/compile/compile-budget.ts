import type { BreakerConfig, BudgetConfig, MaintenanceWindow } from '../../contracts/compiled-manifest.ts'
import type { Manifest } from '../schema/manifest.ts'
import { durationMs } from './duration-ms.ts'

/** The caps of everything, or of one repository, lane or agent; dollars in millionths. */
export const compileBudget = (budget: Manifest['budget']): BudgetConfig => ({
  perHour: span(budget.per_hour),
  perDay: span(budget.per_day),
  perTask: {
    usdMicros: micros(budget.per_task.usd),
    tokens: budget.per_task.tokens,
    attempts: budget.per_task.attempts,
  },
  perAttempt: { usdMicros: micros(budget.per_attempt.usd), tokens: budget.per_attempt.tokens },
})

/** Of a lane that runs no agent. */
export const NO_BUDGET: BudgetConfig = {
  perHour: { runs: null, tokens: null, usdMicros: null },
  perDay: { runs: null, tokens: null, usdMicros: null },
  perTask: { usdMicros: null, tokens: null, attempts: null },
  perAttempt: { usdMicros: null, tokens: null },
}

export const compileBreaker = (breaker: Manifest['breaker']): BreakerConfig => ({
  window: breaker.window,
  min: breaker.min,
  threshold: breaker.threshold,
  staleAfterMs: durationMs(breaker.stale_after),
  coolDownMs: durationMs(breaker.cool_down),
  warnBelow: breaker.warn_below,
})

export const compileMaintenanceWindows = (
  windows: Manifest['maintenance_windows'],
): readonly MaintenanceWindow[] =>
  windows.map(({ days, from, to }) => ({ days, fromMinute: minuteOf(from), toMinute: minuteOf(to) }))

const span = ({ runs, tokens, usd }: Manifest['budget']['per_hour']): BudgetConfig['perHour'] => ({
  runs,
  tokens,
  usdMicros: micros(usd),
})

const micros = (usd: number | null): number | null => (usd === null ? null : Math.round(usd * 1_000_000))

const minuteOf = (time: string): number => {
  const [hours, minutes] = time.split(':').map(Number) as [number, number]
  return hours * 60 + minutes
}
