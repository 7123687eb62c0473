/** Control, format (bidirectional marks, zero-width, tags), line-separating and lone surrogate characters. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const HIDDEN_BUT_LAYOUT = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/**
 * Untrusted text on one line: every character that could move the cursor, colour, hide or reorder what a person reads
 * stands there as an escape.
 * @example oneLine('a\u001b[2Jb\n') === 'a\\x1b[2Jb\\n'
 */
export const oneLine = (text: string): string => text.replace(HIDDEN, escapeOf)

/** Untrusted text of several lines: line breaks and tabs stay, everything else as in {@link oneLine}. */
export const manyLines = (text: string): string => text.replace(HIDDEN_BUT_LAYOUT, escapeOf)

/** What a person typed, as a message may show it: quoted, on one line and never long. */
export const quoted = (text: string): string =>
  `"${oneLine(text.slice(0, LONGEST_QUOTE))}${text.length > LONGEST_QUOTE ? '…' : ''}"`

const LONGEST_QUOTE = 60

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const escapeOf = (character: string): string => {
  const short = SHORT[character]
  if (short !== undefined) return short
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`
}
