/*
 * Paths as bytes. A file name is any bytes but NUL and '/', and JavaScript's strings would lose those that are no
 * UTF-8. Inside this folder a path read from disk is therefore a string with one character per byte ("latin1"), and git
 * gets and gives it in its C-style quotes, which are plain ASCII.
 */

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '"': '"',
  '\\': '\\',
}
const UNESCAPES = Object.fromEntries(Object.entries(ESCAPES).map(([raw, letter]) => [letter, raw]))

/**
 * A path of bytes in git's quotes.
 * @example quotePath('a\nb') === '"a\\nb"'
 */
export const quotePath = (path: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must be escaped
  `"${path.replace(/[\x00-\x1f"\\\x7f-\xff]/g, (char) =>
    char in ESCAPES ? `\\${ESCAPES[char]}` : `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )}"`

/** The path of bytes that git printed, in quotes or bare. */
export const unquotePath = (text: string): string => {
  if (!text.startsWith('"')) return text
  return text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (UNESCAPES[code] ?? code),
    )
}

/** A path of bytes as node:fs takes it. */
export const pathBytes = (path: string): Buffer => Buffer.from(path, 'latin1')

/** A path given as text, as bytes. */
export const bytePath = (path: string): string => Buffer.from(path, 'utf8').toString('latin1')

/** A path of bytes for people: UTF-8 as it is, everything else and control characters escaped. */
export const displayPath = (path: string): string => {
  const text = pathBytes(path).toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not reach a terminal
  return /[\x00-\x1f\x7f-\x9f\ufffd]/.test(text) ? quotePath(path) : text
}
