import { questionMark } from './compose-prompt.ts'

const LONGEST_QUESTION = 4000

/**
 * The question an agent ends with, where it asks one by the mark it was given in its prompt; only the last counts.
 * @param prompt the text of this attempt's prompt, which holds the nonce.
 */
export const findQuestion = (prompt: string, summary: string | null): string | null => {
  const nonce = /QUESTION-([0-9a-f]{8,}):/.exec(prompt)?.[1]
  if (nonce === undefined || summary === null) return null
  const at = summary.lastIndexOf(questionMark(nonce))
  if (at === -1) return null
  const text = summary.slice(at + questionMark(nonce).length).trim()
  return text === '' ? null : text.slice(0, LONGEST_QUESTION)
}
