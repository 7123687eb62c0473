import { REDACTED, redactShapes } from '../platform/secrets/redact-shapes.ts'
import { LONGEST_MATCH } from '../platform/secrets/secret-patterns.ts'
import { secretSpellings } from '../platform/secrets/secret-spellings.ts'

/** Replaces secret values. Counts say how often, so that evidence tells where it is not verbatim. */
export interface Redactor {
  text(text: string): { readonly text: string; readonly count: number }
  /** Byte for byte: whatever is no secret stays as it is, be it text or not. */
  bytes(bytes: Buffer): { readonly bytes: Buffer; readonly count: number }
  /** The longest thing that is looked for, in bytes: how far a window must reach beyond a cut. */
  readonly reachBytes: number
}

/**
 * Makes a redactor for these values, in every spelling of `secretSpellings`, and for whatever has the shape of a secret
 * (`SECRET_PATTERNS`): an agent may come by secrets that nobody gave it.
 */
export const createRedactor = (secrets: readonly string[]): Redactor => {
  const needles = [...new Set(secrets.flatMap(secretSpellings))].sort((a, b) => b.length - a.length)
  const wire = needles.map((needle) => Buffer.from(needle, 'utf8').toString('latin1'))
  return {
    text: (text) => redact(text, needles),
    bytes: (bytes) => {
      const { text, count } = redact(bytes.toString('latin1'), wire)
      return { bytes: count === 0 ? bytes : Buffer.from(text, 'latin1'), count }
    },
    reachBytes: Math.max(LONGEST_MATCH, ...wire.map(({ length }) => length)),
  }
}

const redact = (text: string, needles: readonly string[]): { text: string; count: number } => {
  const known = replaceAll(text, needles)
  const shapes = redactShapes(known.text)
  return { text: shapes.text, count: known.count + shapes.count }
}

const replaceAll = (text: string, needles: readonly string[]): { text: string; count: number } => {
  let count = 0
  let left = text
  for (const needle of needles) {
    const parts = left.split(needle)
    count += parts.length - 1
    left = parts.join(REDACTED)
  }
  return { text: left, count }
}
