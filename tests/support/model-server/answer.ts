import type { Reply, TokenCounts, ToolCall } from '../../../src/cli/agent/trial/wires/wire.ts'

/** Why a service refuses. Each wire has its own words and headers for it. */
export interface Refusal {
  readonly reason:
    | 'auth'
    | 'bad_key'
    | 'payment'
    | 'rate_limit'
    | 'quota'
    | 'usage_limit'
    | 'server'
    | 'context'
  /** When it says that it will serve again; null where it does not tell. */
  readonly retryAfterS: number | null
}

/** What one request of the model comes to. */
export type Answer =
  | { readonly kind: 'say'; readonly text: string; readonly usage?: TokenCounts }
  | { readonly kind: 'call'; readonly call: ToolCall; readonly usage?: TokenCounts }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  /** The connection ends in the middle of the answer. */
  | { readonly kind: 'drop' }
  /** Nothing more comes and the connection stays; `midway`: after the first words. */
  | { readonly kind: 'hang'; readonly midway: boolean }

/** Tokens that every answer costs, so that a run's sum is the number of its answers times this. */
export const USAGE: TokenCounts = { input: 1200, cachedInput: 200, output: 34 }

let calls = 0

/** An answer as it goes over the wire: what it costs, and an id of its own for a tool call. */
export const replyOf = (answer: Extract<Answer, { kind: 'say' | 'call' }>): Reply => {
  const usage = answer.usage ?? USAGE
  if (answer.kind === 'say') return { ...answer, usage }
  calls += 1
  return { ...answer, call: { ...answer.call, id: `call_${calls}` }, usage }
}

/** The HTTP status of a refusal; services of one wire may use another. */
export const STATUS: Readonly<Record<Refusal['reason'], number>> = {
  auth: 401,
  bad_key: 401,
  payment: 402,
  rate_limit: 429,
  quota: 429,
  usage_limit: 429,
  server: 500,
  context: 400,
}
