/** The value at a path of property names joined by dots; undefined where there is none. */
export const valueAt = (event: unknown, path: string): unknown => {
  let value = event
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** Of each value only so much is looked at. */
const COMPARED_CHARS = 100_000

/** What stands for the values at these paths: two events with the same values there have the same hash. */
export const hashAt = (event: unknown, paths: readonly string[]): string => {
  // Not imported: few agents are metered for novelty, and it takes a fifth of a keeper's start.
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256')
  for (const path of paths) hash.update(`${textOf(valueAt(event, path))?.slice(0, COMPARED_CHARS)}\n`)
  return hash.digest('base64')
}

/** What is nested deeper than can be written is all the same. */
const textOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
