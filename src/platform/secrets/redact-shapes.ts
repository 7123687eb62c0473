import { findSecretShapes } from './secret-patterns.ts'

export const REDACTED = '[redacted]'

/** Replaces everything that has the shape of a secret; what stands around it stays. The same text without any is returned as it is. */
export const redactShapes = (text: string): { readonly text: string; readonly count: number } => {
  const spans = findSecretShapes(text).sort((a, b) => a.start - b.start || b.end - a.end)
  const parts: string[] = []
  let at = 0
  let count = 0
  for (const { start, end } of spans) {
    if (end <= at) continue
    if (start >= at) {
      parts.push(text.slice(at, start), REDACTED)
      count += 1
    }
    at = end
  }
  return count === 0 ? { text, count } : { text: `${parts.join('')}${text.slice(at)}`, count }
}

/** The text alone, for whoever only passes it on. */
export const withoutSecretShapes = (text: string): string => redactShapes(text).text
