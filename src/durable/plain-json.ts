import type { JsonValue } from '../contracts/json.ts'

/** What is left of a value after a trip through JSON; undefined becomes null. */
export const plainJson = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value ?? null)) as JsonValue
