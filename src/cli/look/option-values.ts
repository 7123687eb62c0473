import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'

/**
 * A parser for the value of one option: an option in its place is a slip (`--note --key K`), NUL is never meant.
 * @throws UsageError naming the option.
 */
export const textOf =
  (option: string) =>
  (value: string): string => {
    if (value.startsWith('--'))
      throw new UsageError(`${option} needs a value, not the option ${quoted(value)}`)
    if (value.includes('\0'))
      throw new UsageError(`${option} ${quoted(value)} holds a NUL character; leave it out`)
    return value
  }

/** The same for an option that may be given several times. */
export const textsOf =
  (option: string) =>
  (value: string, before: readonly string[] = []): readonly string[] => [...before, textOf(option)(value)]

/** A parser for a count. @throws UsageError unless it is a whole number from 0 to a million. */
export const countOf =
  (option: string) =>
  (value: string): number => {
    const count = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN
    if (count >= 0 && count <= 1_000_000) return count
    throw new UsageError(`${option} ${quoted(value)} is not a count; write a whole number, 1000000 at most`)
  }

/** The value of an option that knows only these; undefined where it was not given. @throws UsageError naming them. */
export const oneOf = <T extends string>(
  option: string,
  known: readonly T[],
  value: string | undefined,
): T | undefined => {
  const found = known.find((each) => each === value)
  if (found !== undefined || value === undefined) return found
  throw new UsageError(`${option} ${quoted(value)} is not known; use one of ${known.join(', ')}`)
}
