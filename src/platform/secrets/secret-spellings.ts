/** A shorter value would be found in innocent text; see docs/evidence.md. */
const MIN_SECRET_LENGTH = 6
/** A line of a secret of several lines (a key file) is a secret of its own from this length on. */
const MIN_LINE_LENGTH = 16
/** A shorter value in base64 would be found in innocent text. */
const MIN_ENCODED_LENGTH = 12

/**
 * How a secret value may stand in a text: as it is, as JSON escapes it, as a URL escapes it, each longer line of a
 * value of several lines, and in base64 or hex where it is long enough to be told from other text.
 */
export const secretSpellings = (secret: string): string[] => {
  const value = secret.trim()
  if (value.length < MIN_SECRET_LENGTH || !value.isWellFormed()) return []
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= MIN_LINE_LENGTH)
  return [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      ...lines.map((line) => line.trim()),
      ...(value.length < MIN_ENCODED_LENGTH ? [] : encodings(value)),
    ]),
  ]
}

/** Base64 depends on where in a longer text the value began: its middle is the same in each of three ways. */
const encodings = (value: string): string[] => {
  const bytes = Buffer.from(value, 'utf8')
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const first = before === 0 ? 0 : before + 1
    // The last character also holds bits of what follows.
    const last = (before + bytes.length) % 3 === 0 ? text.length : text.length - 1
    return text.slice(first, last)
  })
  return [...base64, ...base64.map(asUrlSafe), bytes.toString('hex')]
}

const asUrlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')
