import { gained } from './migrate-context.ts'
import { ReviewContext } from './review-context.ts'

/**
 * What lifts stored reviews of older versions, by the version they were stored by.
 * 1: checks say more: which files were restored for them, and which of them are known to be flaky.
 */
export const REVIEW_MIGRATIONS = { 1: gained(ReviewContext) } as const
