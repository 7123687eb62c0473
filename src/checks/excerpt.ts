import { stripVTControlCharacters } from 'node:util'
import { withoutSecretShapes } from '../platform/secrets/redact-shapes.ts'

const EXCERPT_CHARS = 4 * 1024

/**
 * The end of a program's output, at most 4 KiB, as plain text: no terminal sequences, no control characters but line
 * breaks and tabs, nothing that looks like a secret. It is untrusted text all the same.
 */
export const excerptOf = (output: string): string =>
  // What is cut is cut twice as long first, so that removing sequences leaves enough.
  withoutSecretShapes(stripVTControlCharacters(output.slice(-4 * EXCERPT_CHARS).replace(/\r\n?/g, '\n')))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is removed
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '')
    .slice(-EXCERPT_CHARS)
    .toWellFormed()
    .trim()
