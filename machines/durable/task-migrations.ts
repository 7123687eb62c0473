import type { JsonValue } from '../../src/contracts/json.ts'

/** What version 2 knows beside what version 1 stored: nothing was ever put off, broken off or handed over. */
const NEW_IN_2 = {
  deferred: 0,
  deferralMs: 0,
  agentNo: 0,
  session: null,
  answer: null,
  handoff: null,
}

interface Stored {
  readonly snapshot: JsonValue
}

/**
 * What lifts stored tasks of older versions, by the version they were stored by.
 * 1: `MOVE` and the ending it notes are new, and what an attempt leaves to go on with.
 */
export const TASK_MIGRATIONS: Readonly<Record<number, <S extends Stored>(stored: S) => S>> = {
  1: (stored) => {
    const snapshot = stored.snapshot as { readonly context: Record<string, JsonValue> } & Record<
      string,
      JsonValue
    >
    return { ...stored, snapshot: { ...snapshot, context: { ...NEW_IN_2, ...snapshot.context } } }
  },
}
