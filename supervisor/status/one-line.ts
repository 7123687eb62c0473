/** Untrusted text for a terminal or a line protocol: control characters (escapes, newlines) become spaces. */
export const oneLine = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is replaced
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
