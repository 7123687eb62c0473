import { stripVTControlCharacters } from 'node:util'
import { withoutSecretShapes } from './secrets/redact-shapes.ts'

/** Control, format (bidirectional marks, zero-width) and line-separating characters, but line breaks and tabs. */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * The end of a program's output as plain text: no terminal sequences, no hidden characters, nothing that looks like a
 * secret. Secrets are looked for last: hidden characters must not keep one apart. It is untrusted text all the same.
 */
export const plainExcerpt = (output: string, mostChars: number): string => {
  // What is cut is cut longer first, so that removing sequences leaves enough.
  const end = output.slice(-4 * mostChars).replace(/\r\n?/g, '\n')
  const plain = stripVTControlCharacters(end).replace(HIDDEN, '')
  return withoutSecretShapes(plain).slice(-mostChars).toWellFormed().trim()
}
