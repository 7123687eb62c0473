import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, transition } from 'xstate'
import { canonicalJson } from '../../contracts/canonical-json.ts'
import type { JsonValue } from '../../contracts/json.ts'
import type { StoredEvent } from '../../contracts/store.ts'
import type { SnapshotJson } from './frame.ts'

/** One event that an actor's machine was given, and the snapshot after it. */
export interface Replayed {
  readonly stored: StoredEvent
  /** Of a start: `xstate.init` with the machine's input. */
  readonly event: { readonly type: string } & Readonly<Record<string, JsonValue>>
  /** Who caused it: an inbox row, a timer or an effect, by its id. */
  readonly source: { readonly kind: string; readonly id: string } | null
  readonly snapshot: SnapshotJson
  /** Why the host refused it; it changed nothing then. */
  readonly refused: string | null
  /** Whether the snapshot holds all that was known, and not the state alone. */
  readonly isWhole: boolean
}

/**
 * Replays an actor's whole stream. Machines are pure and their events carry time and chance, so every snapshot comes out
 * as it was. Once one does not (the machine has changed since), snapshots hold the journaled state alone.
 */
export const replaySnapshots = (machine: AnyStateMachine, events: readonly StoredEvent[]): Replayed[] => {
  const replayed: Replayed[] = []
  let snapshot: AnyMachineSnapshot | null = null
  let shown: SnapshotJson = { status: 'active' }
  let isWhole = true
  for (const stored of events) {
    const heard = heardOf(stored)
    if (heard === null) continue
    if (heard.refused === null) {
      snapshot = isWhole ? next(machine, snapshot, stored, heard) : null
      isWhole = snapshot !== null
      shown = snapshot === null ? { status: 'active', value: heard.value } : persisted(machine, snapshot)
    }
    replayed.push({
      stored,
      event: heard.event,
      source: heard.source,
      snapshot: shown,
      refused: heard.refused,
      isWhole,
    })
  }
  return replayed
}

/** A snapshot as it is stored, with its tags. */
const persisted = (machine: AnyStateMachine, snapshot: AnyMachineSnapshot): SnapshotJson => ({
  ...(plain(machine.getPersistedSnapshot(snapshot)) as SnapshotJson),
  tags: [...snapshot.tags],
})

/** The snapshot after an event; null where the machine does not come to the journaled state. */
const next = (
  machine: AnyStateMachine,
  before: AnyMachineSnapshot | null,
  { data }: StoredEvent,
  { event, value }: Heard,
): AnyMachineSnapshot | null => {
  const { input } = fieldsOf(data)
  try {
    const [after] =
      input === undefined
        ? transition(machine, before as AnyMachineSnapshot, event as never)
        : initialTransition(machine, input)
    return canonicalJson(plain(after.value)) === canonicalJson(value) ? after : null
  } catch {
    return null
  }
}

interface Heard extends Pick<Replayed, 'event' | 'source' | 'refused'> {
  readonly value: JsonValue
}

/** What the machine heard; null for the end of an action, which it does not hear of. */
const heardOf = ({ type, data }: StoredEvent): Heard | null => {
  const { input, event, source, value, refused, effect } = fieldsOf(data)
  if (effect !== undefined) return null
  return {
    event: { ...(input === undefined ? fieldsOf(event) : { input }), type } as Heard['event'],
    source: source === undefined ? null : (source as unknown as Replayed['source']),
    value: value ?? null,
    refused: typeof refused === 'string' ? refused : null,
  }
}

const fieldsOf = (data: JsonValue | undefined): Readonly<Record<string, JsonValue | undefined>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {}

const plain = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value ?? null)) as JsonValue
