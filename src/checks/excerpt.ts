import { plainExcerpt } from '../platform/plain-excerpt.ts'

const EXCERPT_CHARS = 4 * 1024

/** The end of what a check printed, at most 4 KiB, as plain text (see plain-excerpt.ts); untrusted. */
export const excerptOf = (output: string): string => plainExcerpt(output, EXCERPT_CHARS)
