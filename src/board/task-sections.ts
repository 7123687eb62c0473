import { InvalidTaskText } from './invalid-task-text.ts'

/** A level-two heading and the lines below it; `line` is the first of these, counted from 1. */
export interface Section {
  readonly heading: string
  readonly line: number
  readonly lines: readonly string[]
}

export interface TaskSections {
  /** Everything before the first level-two heading. */
  readonly preamble: Section
  readonly sections: readonly Section[]
}

const MAX_TEXT_CHARS = 200_000

/**
 * Cuts a task's text at its level-two headings. What stands inside a code fence is never a heading.
 * @throws InvalidTaskText for control characters, and for a text of more than 200 000 characters.
 */
export const taskSections = (text: string): TaskSections => {
  if (text.length > MAX_TEXT_CHARS) {
    throw new InvalidTaskText('text', `it has ${text.length} characters; at most ${MAX_TEXT_CHARS} are read`)
  }
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)
  const cut: { heading: string; line: number; lines: string[] }[] = [{ heading: '', line: 1, lines: [] }]
  const inFence = fenceTracker()
  for (const [index, line] of lines.entries()) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
    if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(line)) {
      throw new InvalidTaskText(`line ${index + 1}`, 'it holds a control character; take it out')
    }
    const heading = inFence(line) ? null : /^ {0,3}##[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/.exec(line)
    if (heading === null) cut.at(-1)?.lines.push(line)
    else cut.push({ heading: heading[1] ?? '', line: index + 2, lines: [] })
  }
  const [preamble, ...sections] = cut
  return { preamble: preamble as Section, sections }
}

/** The lines of a section that are not in a code fence, with their numbers. */
export const plainLines = (section: Section): { readonly line: number; readonly text: string }[] => {
  const inFence = fenceTracker()
  return section.lines
    .map((text, index) => ({ line: section.line + index, text, fenced: inFence(text) }))
    .filter(({ fenced }) => !fenced)
}

/** Tells line by line whether it belongs to a code fence, its first and last line included (CommonMark). */
const fenceTracker = (): ((line: string) => boolean) => {
  let open: string | null = null
  return (line) => {
    const marker = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line)
    if (open === null) {
      const [, fence = '', info = ''] = marker ?? []
      if (fence === '' || (fence.startsWith('`') && info.includes('`'))) return false
      open = fence
      return true
    }
    const [, fence = '', rest = ''] = marker ?? []
    if (fence[0] === open[0] && fence.length >= open.length && rest.trim() === '') open = null
    return true
  }
}
