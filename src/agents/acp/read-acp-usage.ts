import { countAt, dollarsAt, fieldAt, numberAt, textAt } from '../event-fields.ts'
import type { AcpUsage } from './acp-events.ts'
import type { AcpQuirks } from './acp-quirks.ts'

/**
 * What a prompt's answer or an update says of usage, at the places where this agent tells it.
 * @param before totals so far; tokens of updates are added to them, those of an answer replace them.
 * @returns the new totals, or null where it says nothing.
 */
export const readAcpUsage = (
  quirks: AcpQuirks,
  kind: 'answer' | 'update',
  message: unknown,
  before: AcpUsage | null,
): AcpUsage | null => {
  const usd = kind === 'update' ? dollarsOf(message) : null
  const place = quirks.usage.find(
    (one) =>
      one.in === kind && (numberAt(message, one.input) !== null || numberAt(message, one.output) !== null),
  )
  if (place === undefined) return usd === null ? null : { ...(before ?? NOTHING), usd }
  const cached = place.cached === null ? 0 : countAt(message, place.cached)
  const input = countAt(message, place.input) + (place.cachedApart ? cached : 0)
  const output = countAt(message, place.output)
  const base = kind === 'update' ? (before ?? NOTHING) : NOTHING
  return {
    type: 'usage',
    inputTokens: base.inputTokens + input,
    cachedInputTokens: base.cachedInputTokens + Math.min(cached, input),
    outputTokens: base.outputTokens + output,
    usd: usd ?? before?.usd ?? null,
  }
}

const NOTHING: AcpUsage = {
  type: 'usage',
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  usd: null,
}

/** The session's cost so far, where it is told in dollars. */
const dollarsOf = (update: unknown): number | null =>
  fieldAt(update, 'sessionUpdate') === 'usage_update' && textAt(update, 'cost.currency') === 'USD'
    ? dollarsAt(update, 'cost.amount')
    : null
