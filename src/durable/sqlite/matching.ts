import type { SQLInputValue } from 'node:sqlite'

/** A condition and the values of its parameters, in their order. */
interface Condition {
  readonly where: string
  readonly values: readonly SQLInputValue[]
}

/**
 * `WHERE` over those columns that a value is given for; empty where there is none. Names come from us, values only ever
 * as parameters.
 */
export const matching = (columns: Readonly<Record<string, SQLInputValue | undefined>>): Condition => {
  const given = Object.entries(columns).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  )
  return {
    where: given.length === 0 ? '' : `WHERE ${given.map(({ name }) => `${name} = ?`).join(' AND ')}`,
    values: given.map(({ value }) => value),
  }
}
