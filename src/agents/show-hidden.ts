/**
 * What a person does not see but a model reads: control and format characters (bidirectional marks, zero width, tags),
 * separators of lines, lone surrogates, letters that are drawn as nothing, and selectors that carry no picture.
 */
const HIDDEN =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{2800}\u{3164}\u{ffa0}]|[\u{e0100}-\u{e01ef}]|(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]/gu

/**
 * Untrusted text as a model may read it: every character that is not seen stands there as an escape.
 * @example showHidden('a\u202eb') === 'a\\u{202e}b'
 */
export const showHidden = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(HIDDEN, (hidden) => `\\u{${(hidden.codePointAt(0) ?? 0).toString(16)}}`)
