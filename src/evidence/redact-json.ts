import type { JsonValue } from '../contracts/json.ts'
import type { Redactor } from './redact.ts'

/** Redacts every string in a JSON value, keys included, before it is serialised. */
export const redactJson = (
  value: JsonValue,
  redactor: Pick<Redactor, 'text'>,
): { value: JsonValue; count: number } => {
  let count = 0
  const text = (string: string): string => {
    const done = redactor.text(string)
    count += done.count
    return done.text
  }
  const walk = (node: JsonValue): JsonValue => {
    if (typeof node === 'string') return text(node)
    if (Array.isArray(node)) return node.map(walk)
    if (node === null || typeof node !== 'object') return node
    return Object.fromEntries(Object.entries(node).map(([key, member]) => [text(key), walk(member)]))
  }
  return { value: walk(value), count }
}
