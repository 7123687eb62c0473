import type { FailurePattern } from '../failure-patterns.ts'

/**
 * aider's own error lines: the exception of the library through which it reaches models, and what it says itself.
 * Each is matched against one whole line, from its start.
 */
export const AIDER_FAILURES: readonly FailurePattern[] = [
  { class: 'auth', pattern: /^litellm\.(?:AuthenticationError|PermissionDeniedError):/ },
  { class: 'auth', pattern: /^No LLM model was specified and no API keys were provided/ },
  {
    class: 'quota_exhausted',
    pattern:
      /^litellm\.RateLimitError:.*(?:insufficient_quota|exceeded your current quota|usage_limit_reached)/i,
  },
  { class: 'quota_exhausted', pattern: /^litellm\.BudgetExceededError:/ },
  { class: 'quota_exhausted', pattern: /^litellm\.BadRequestError:.*credit balance is too low/i },
  {
    class: 'quota_exhausted',
    pattern: /^litellm\.APIError:.*(?:insufficient credits|requires more credits|payment required)/i,
  },
  { class: 'rate_limited', pattern: /^litellm\.(?:Router)?RateLimitError:/ },
  { class: 'context_limit', pattern: /^litellm\.ContextWindowExceededError:/ },
  { class: 'context_limit', pattern: /^Model \S+ has hit a token limit!/ },
  {
    class: 'model_error',
    pattern:
      /^litellm\.(?:APIError|APIConnectionError|APIResponseValidationError|InternalServerError|ServiceUnavailableError|BadGatewayError|Timeout|AzureOpenAIError|OpenAIError):/,
  },
  { class: 'infra_tooling', pattern: /^litellm\.NotFoundError:/ },
  { class: 'tool_failure', pattern: /^litellm\.\w+Error:/ },
  { class: 'tool_failure', pattern: /^The LLM did not conform to the edit format\./ },
  {
    class: 'tool_failure',
    pattern: /^(?:Exception while updating files:|Unable to create \S+, skipping edits)/,
  },
]
