import type { FailureClass } from '../../contracts/failure.ts'
import type { FailurePattern } from '../failure-patterns.ts'

/** Where tokens are told, in the answer to a prompt or in the `_meta` of an update. Paths as in event-fields.ts. */
interface UsagePlace {
  readonly in: 'answer' | 'update'
  readonly input: string
  readonly output: string
  readonly cached: string | null
  /** Whether the input count leaves cached tokens out. */
  readonly cachedApart: boolean
}

/** What one agent does otherwise than the protocol says, as data. */
export interface AcpQuirks {
  /** By how the agent calls itself in its answer to `initialize`. */
  readonly name: RegExp
  /** Whether an error's code is the HTTP status of its model's service. */
  readonly statusCodes: boolean
  /** Where in an error's data it names what happened, and what those names mean. */
  readonly errorName: { readonly at: string; readonly classes: Readonly<Record<string, FailureClass>> } | null
  /** Failures that it tells only as its last message, while its turn ends well: matched from the message's start. */
  readonly failuresAsText: readonly FailurePattern[]
  readonly usage: readonly UsagePlace[]
  /** How it is told to use a key: the method of `authenticate`, and the variable that must hold one. */
  readonly logins: ReadonlyArray<{ readonly method: string; readonly variable: string }>
}

/** The protocol's own place, a proposal that most agents follow. */
const ANSWER_USAGE: UsagePlace = {
  in: 'answer',
  input: 'usage.inputTokens',
  output: 'usage.outputTokens',
  cached: 'usage.cachedReadTokens',
  cachedApart: true,
}

const GENERIC: AcpQuirks = {
  name: /^/,
  statusCodes: false,
  errorName: null,
  failuresAsText: [],
  usage: [ANSWER_USAGE],
  logins: [],
}

/**
 * One row an agent that was probed, or whose reports say so. Rows of programs, not of our agent types: whoever is started
 * as the agent's command may call itself so.
 */
const QUIRKS: readonly AcpQuirks[] = [
  {
    ...GENERIC,
    name: /codex/i,
    errorName: {
      at: 'codexErrorInfo',
      classes: {
        usageLimitExceeded: 'quota_exhausted',
        contextWindowExceeded: 'context_limit',
        unauthorized: 'auth',
        internalServerError: 'model_error',
        serverOverloaded: 'model_error',
      },
    },
    failuresAsText: [
      { class: 'quota_exhausted', pattern: /^You[’']ve hit your usage limit\b/ },
      { class: 'quota_exhausted', pattern: /^Quota exceeded\. Check your plan and billing details/ },
      { class: 'rate_limited', pattern: /^exceeded retry limit, last status: 429\b/ },
      { class: 'context_limit', pattern: /^Codex ran out of room in the model['’]s context window/ },
      { class: 'auth', pattern: /^unexpected status 40[13]\b/ },
      { class: 'quota_exhausted', pattern: /^unexpected status 402\b/ },
      { class: 'model_error', pattern: /^unexpected status 5\d\d\b/ },
      { class: 'model_error', pattern: /^stream disconnected before completion\b/ },
      { class: 'model_error', pattern: /^We[’']re currently experiencing high demand\b/ },
    ],
    logins: [
      { method: 'codex-api-key', variable: 'CODEX_API_KEY' },
      { method: 'openai-api-key', variable: 'OPENAI_API_KEY' },
    ],
  },
  {
    ...GENERIC,
    name: /opencode/i,
    errorName: {
      at: 'errorName',
      classes: {
        ProviderAuthError: 'auth',
        ContextOverflowError: 'context_limit',
        MessageOutputLengthError: 'context_limit',
        APIError: 'model_error',
      },
    },
  },
  {
    ...GENERIC,
    name: /gemini/i,
    statusCodes: true,
    usage: [
      {
        in: 'answer',
        input: '_meta.quota.token_count.input_tokens',
        output: '_meta.quota.token_count.output_tokens',
        cached: null,
        cachedApart: false,
      },
    ],
    logins: [{ method: 'gemini-api-key', variable: 'GEMINI_API_KEY' }],
  },
  {
    ...GENERIC,
    name: /qwen/i,
    usage: [
      {
        in: 'update',
        input: '_meta.usage.inputTokens',
        output: '_meta.usage.outputTokens',
        cached: '_meta.usage.cachedReadTokens',
        cachedApart: false,
      },
    ],
    logins: [{ method: 'openai', variable: 'OPENAI_API_KEY' }],
  },
]

/** What is known of an agent, by its own name; the protocol's own ways where nothing is. */
export const quirksOf = (agent: string): AcpQuirks => QUIRKS.find(({ name }) => name.test(agent)) ?? GENERIC
