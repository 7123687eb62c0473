import { stripVTControlCharacters } from 'node:util'
import { readTail } from '../platform/read-tail.ts'
import { withoutSecretShapes } from '../platform/secrets/redact-shapes.ts'
import type { AgentStream } from './agent-type.ts'

const EXCERPT_BYTES = 4000

/**
 * The last lines of a stream, at most 4,000 bytes, without control characters and what looks like a secret; untrusted
 * text.
 * Null where the file is missing or empty.
 */
export const readExcerpt = ({ file, endBytes }: AgentStream): string | null => {
  const text = withoutSecretShapes(stripVTControlCharacters(readTail(file, EXCERPT_BYTES, endBytes)))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes must not reach prompts or terminals
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trim()
  return text === '' ? null : text
}
