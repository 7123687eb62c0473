import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, transition } from 'xstate'
import { canonicalJson } from '../../contracts/canonical-json.ts'
import type { JsonValue } from '../../contracts/json.ts'
import type { StoredEvent } from '../../contracts/store.ts'

/** What an actor's machine heard with one journaled event, and what came of it. */
export interface Heard {
  /** Of a start: `xstate.init` with the machine's input. */
  readonly event: { readonly type: string } & Readonly<Record<string, JsonValue>>
  /** Who caused it: an inbox row, a timer or an effect, by its id. */
  readonly source: { readonly kind: string; readonly id: string } | null
  /** Why the host refused it; it changed nothing then. */
  readonly refused: string | null
  /** The state it led to; null where it says none. */
  readonly value: JsonValue
  /** The input of a start; undefined of any other event. */
  readonly input: JsonValue | undefined
}

/** Reads a journaled event of an actor; null for the end of an action, which the machine does not hear of. */
export const heardOf = ({ type, data }: StoredEvent): Heard | null => {
  const { input, event, source, value, refused, effect } = fieldsOf(data)
  if (effect !== undefined) return null
  return {
    event: { ...(input === undefined ? fieldsOf(event) : { input }), type } as Heard['event'],
    source: source === undefined ? null : (source as unknown as Heard['source']),
    refused: typeof refused === 'string' ? refused : null,
    value: value ?? null,
    input,
  }
}

/**
 * The snapshot after an event. The machine is pure and its events carry their time and chance, so it comes to the
 * journaled state; null where it does not, because it has changed since.
 */
export const replayStep = (
  machine: AnyStateMachine,
  before: AnyMachineSnapshot | null,
  { event, value, input }: Heard,
): AnyMachineSnapshot | null => {
  try {
    const [after] =
      input === undefined
        ? transition(machine, before as AnyMachineSnapshot, event as never)
        : initialTransition(machine, input)
    return canonicalJson(after.value as JsonValue) === canonicalJson(value) ? after : null
  } catch {
    return null
  }
}

const fieldsOf = (data: JsonValue | undefined): Readonly<Record<string, JsonValue | undefined>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {}
