import { questionMark } from './compose-prompt.ts'

const LONGEST_QUESTION = 4000
/** What may stand before the mark in its line: quoting and emphasis of a text that is meant to be read. */
const LINE_START = /^[\s>*_`-]*/

/**
 * The question an agent ends with, where a line of its last words begins with the mark it was given in its prompt; only
 * the last counts. A prompt that is merely repeated asks nothing: there the mark stands inside a sentence.
 * @param prompt the text of this attempt's prompt, which holds the nonce.
 */
export const findQuestion = (prompt: string, summary: string | null): string | null => {
  const nonce = /QUESTION-([0-9a-f]{8,}):/.exec(prompt)?.[1]
  if (nonce === undefined || summary === null) return null
  const mark = questionMark(nonce)
  const lines = summary.split('\n').map((line) => line.replace(LINE_START, ''))
  const at = lines.findLastIndex((line) => line.startsWith(mark))
  if (at === -1) return null
  const text = lines.slice(at).join('\n').slice(mark.length).trim()
  return text === '' ? null : text.slice(0, LONGEST_QUESTION)
}
