import type { AttemptId } from './ids.ts'

/** The id of the question that an attempt ended with: an attempt asks one at most. */
export const questionIdOf = (attempt: AttemptId): string => `question-${attempt}`
