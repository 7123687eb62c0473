/** What stands below the options in a command's help. */
export interface AfterHelp {
  readonly prose: readonly string[]
  readonly examples: readonly string[]
  readonly exitCodes: ReadonlyArray<{ readonly code: string; readonly meaning: string }>
}

/**
 * Reads the text below a command's options: paragraphs are prose, but for those that begin with `Example`, `Examples` or
 * `Exit codes` and have their rows indented by two spaces.
 */
export const readAfterHelp = (text: string): AfterHelp => {
  const paragraphs = text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replace(/^\n+/, '').trimEnd())
    .filter((paragraph) => paragraph !== '')
  const rowsUnder = (heading: RegExp): string[] =>
    paragraphs
      .filter((paragraph) => heading.test(paragraph))
      .flatMap((paragraph) => paragraph.split('\n').slice(1))
      .map((line) => line.replace(/^ {2}/, ''))
  return {
    prose: paragraphs.filter((paragraph) => !EXAMPLES.test(paragraph) && !EXIT_CODES.test(paragraph)),
    examples: rowsUnder(EXAMPLES),
    exitCodes: rowsUnder(EXIT_CODES).map((line) => {
      const [, code = '', meaning = ''] = /^(\d+) +(.+)$/.exec(line) ?? []
      return { code, meaning }
    }),
  }
}

const EXAMPLES = /^Examples?\n/
const EXIT_CODES = /^Exit codes.*\n/
