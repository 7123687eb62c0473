import { MOST_TOKENS, MOST_USD } from '../contracts/usage-ceiling.ts'

/** What lies at a path of property names (and list positions) joined by dots; undefined where there is nothing. */
export const fieldAt = (event: unknown, path: string): unknown => {
  let value: unknown = event
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** The text at a path; null where there is none, or an empty one. */
export const textAt = (event: unknown, path: string): string | null => {
  const value = fieldAt(event, path)
  return typeof value === 'string' && value !== '' ? value : null
}

/** The number at a path; null where there is none. */
export const numberAt = (event: unknown, path: string): number | null => {
  const value = fieldAt(event, path)
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** A count at a path, for sums: 0 where there is none, or one that cannot be. */
export const countAt = (event: unknown, path: string): number =>
  Math.round(figure(numberAt(event, path), MOST_TOKENS) ?? 0)

/** Dollars at a path; null where there are none, or more than can be. */
export const dollarsAt = (event: unknown, path: string): number | null =>
  figure(numberAt(event, path), MOST_USD)

const figure = (value: number | null, most: number): number | null =>
  value !== null && value >= 0 && value <= most ? value : null

/** The list at a path; empty where there is none. */
export const listAt = (event: unknown, path: string): readonly unknown[] => {
  const value = fieldAt(event, path)
  return Array.isArray(value) ? value : []
}
