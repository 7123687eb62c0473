import { z } from 'zod'

/** Every way an attempt, a review or a task can fail, in the order the classifier asks. */
export const FAILURE_CLASSES = [
  'invalid_task',
  'scope_policy',
  'secret_detected',
  'check_tampering',
  'oom',
  'timeout',
  'quota_exhausted',
  'rate_limited',
  'auth',
  'model_error',
  'context_limit',
  'dependency_missing',
  'awaiting_input',
  'flaky_test',
  'validation_failure',
  'merge_conflict',
  'publish_failed',
  'tool_failure',
  'infra_tooling',
  'no_op',
  'no_progress',
  'unknown',
] as const
export const FailureClass = z.enum(FAILURE_CLASSES)
export type FailureClass = z.infer<typeof FailureClass>

/** One failure as a fact: its class, one sentence for people, and an excerpt that may go into the next prompt. */
export const Failure = z.object({
  class: FailureClass,
  reason: z.string().min(1).max(2000),
  excerpt: z.string().max(8000).nullable().default(null),
})
export type Failure = z.infer<typeof Failure>

/** What a person sees on a Blocked task. */
export const Blocked = z.object({
  class: FailureClass,
  reason: z.string().min(1).max(2000),
  /** One thing a person can do now, as a sentence or a command. */
  nextAction: z.string().min(1).max(500),
})
export type Blocked = z.infer<typeof Blocked>
