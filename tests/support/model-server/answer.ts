/** What the model asks its agent to run. */
export interface ToolCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Tokens of one answer. `input` holds the cached ones too. */
export interface AnswerUsage {
  readonly input: number
  readonly cachedInput: number
  readonly output: number
}

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
  | { readonly kind: 'say'; readonly text: string; readonly usage?: AnswerUsage }
  | { readonly kind: 'call'; readonly call: ToolCall; readonly usage?: AnswerUsage }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  /** The connection ends in the middle of the answer. */
  | { readonly kind: 'drop' }
  /** Nothing more comes and the connection stays; `midway`: after the first words. */
  | { readonly kind: 'hang'; readonly midway: boolean }

/** An answer that is one. */
export type Reply = Extract<Answer, { kind: 'say' | 'call' }>

/** Tokens that every answer costs, so that a run's sum is the number of its answers times this. */
export const USAGE: AnswerUsage = { input: 1200, cachedInput: 200, output: 34 }

export const usageOf = (reply: Reply): AnswerUsage => reply.usage ?? USAGE

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
