/** Replaces secret values. Counts say how often, so that evidence tells where it is not verbatim. */
export interface Redactor {
  text(text: string): { readonly text: string; readonly count: number }
  /** Byte for byte: whatever is no secret stays as it is, be it text or not. */
  bytes(bytes: Buffer): { readonly bytes: Buffer; readonly count: number }
  /** The longest thing that is looked for, in bytes: how far a window must reach beyond a cut. */
  readonly reachBytes: number
}

const REDACTED = '[redacted]'

/** A shorter value would be found in innocent text; see docs/evidence.md. */
const MIN_SECRET_LENGTH = 6
/** A line of a secret of several lines (a key file) is a secret of its own from this length on. */
const MIN_LINE_LENGTH = 16

/**
 * Makes a redactor for these values. Looked for: each value as it is, as JSON escapes it, as a URL escapes it, and
 * each longer line of a value of several lines.
 */
export const createRedactor = (secrets: readonly string[]): Redactor => {
  const needles = [...new Set(secrets.flatMap(spellings))].sort((a, b) => b.length - a.length)
  const wire = needles.map((needle) => Buffer.from(needle, 'utf8').toString('latin1'))
  return {
    text: (text) => replaceAll(text, needles),
    bytes: (bytes) => {
      if (wire.length === 0) return { bytes, count: 0 }
      const { text, count } = replaceAll(bytes.toString('latin1'), wire)
      return { bytes: count === 0 ? bytes : Buffer.from(text, 'latin1'), count }
    },
    reachBytes: Math.max(0, ...wire.map(({ length }) => length)),
  }
}

const spellings = (secret: string): string[] => {
  const value = secret.trim()
  if (value.length < MIN_SECRET_LENGTH || !value.isWellFormed()) return []
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= MIN_LINE_LENGTH)
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    ...lines.map((line) => line.trim()),
  ]
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
