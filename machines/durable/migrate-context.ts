import type { z } from 'zod'
import type { JsonValue } from '../../src/contracts/json.ts'

interface Stored {
  readonly snapshot: JsonValue
}

/**
 * Lifts a stored actor whose context has only gained: `added` at its top, and below it what the schema has defaults
 * for. A context that still breaks the schema is left as it is, for the host to name.
 */
export const gained =
  (schema: z.ZodType, added: Readonly<Record<string, JsonValue>> = {}) =>
  <S extends Stored>(stored: S): S => {
    const snapshot = stored.snapshot as Record<string, JsonValue>
    const context = { ...added, ...(snapshot.context as Record<string, JsonValue>) }
    const filled = schema.safeParse(context)
    return { ...stored, snapshot: { ...snapshot, context: filled.success ? filled.data : context } }
  }
