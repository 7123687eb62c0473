import { decideReservation } from '../../src/budget/decide-reservation.ts'
import type { SpendEntry } from '../../src/contracts/spend.ts'
import { MINUTE_MS, NOW, question, rules, USD } from './samples.ts'

/** Decides about a run of agent `a` in `api`. */
export const decide = (
  given: Parameters<typeof rules>[0],
  entries: readonly SpendEntry[] = [],
  asked: Parameters<typeof question>[0] = {},
  latest: readonly SpendEntry[] = [],
) => decideReservation(rules(given), { entries, latest }, question(asked), NOW)

/** What a decision says in a word: `ok $1.00`, or the key that refuses and after how many minutes it may be asked again. */
export const said = (decision: ReturnType<typeof decide>): string => {
  if (decision.granted) return `ok ${decision.reserved.usdMicros / USD}`
  return `${decision.cap} ${decision.retryInMs === null ? 'never' : decision.retryInMs / MINUTE_MS}`
}

/** One attempt takes a dollar and a thousand tokens. */
export const one = { perAttempt: { usdMicros: USD, tokens: 1000 } }
