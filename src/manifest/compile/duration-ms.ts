import { parseDuration } from '../duration.ts'
import { parseSize } from '../size.ts'

/**
 * Milliseconds of a duration the schema has accepted.
 * @throws RangeError where it has not: a fault of ours.
 */
export const durationMs = (text: string): number => accepted(text, parseDuration(text))

/**
 * Bytes of a size the schema has accepted.
 * @throws RangeError where it has not: a fault of ours.
 */
export const sizeBytes = (text: string): number => accepted(text, parseSize(text))

const accepted = (text: string, value: number | null): number => {
  if (value === null)
    throw new RangeError(`"${text}" reached the compiler, but the schema should have refused it`)
  return value
}
