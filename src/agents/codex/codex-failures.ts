import type { FailurePattern } from '../failure-patterns.ts'

/** What Codex puts into `turn.failed` and `error` events. Of `unexpected status NNN …` the number is read, not the text. */
export const CODEX_FAILURES: readonly FailurePattern[] = [
  { class: 'quota_exhausted', pattern: /^You[’']ve hit your usage limit\b/ },
  { class: 'quota_exhausted', pattern: /^Quota exceeded\. Check your plan and billing details\./ },
  { class: 'rate_limited', pattern: /^exceeded retry limit, last status: 429\b/ },
  { class: 'auth', pattern: /^Missing environment variable: / },
  { class: 'context_limit', pattern: /^Codex ran out of room in the model's context window\b/ },
  { class: 'model_error', pattern: /^We[’']re currently experiencing high demand\b/ },
  { class: 'model_error', pattern: /^Selected model is at capacity\b/ },
  { class: 'model_error', pattern: /^stream disconnected before completion: / },
  {
    class: 'dependency_missing',
    pattern: /^The model `[^`]*` does not exist or you do not have access to it\./,
  },
]

/** Lines of its standard error where it ends before a turn began. */
export const CODEX_START_FAILURES: readonly FailurePattern[] = [
  { class: 'infra_tooling', pattern: /^Error: thread\/resume: .*no rollout found for thread id/ },
  { class: 'infra_tooling', pattern: /^Not inside a trusted directory\b/ },
  { class: 'infra_tooling', pattern: /^Error loading config\.toml: / },
]
