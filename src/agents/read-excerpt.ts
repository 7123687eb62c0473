import { plainExcerpt } from '../platform/plain-excerpt.ts'
import { readTail } from '../platform/read-tail.ts'
import type { AgentStream } from './agent-type.ts'

const EXCERPT_BYTES = 4000

/**
 * The last lines of a stream, at most 4,000 bytes, as plain text (see plain-excerpt.ts); untrusted. Null where the file is
 * missing or empty.
 */
export const readExcerpt = ({ file, endBytes }: AgentStream): string | null =>
  plainExcerpt(readTail(file, EXCERPT_BYTES, endBytes), EXCERPT_BYTES) || null
