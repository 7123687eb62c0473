import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { JsonValue } from '../../contracts/json.ts'
import type { StoredEvent } from '../../contracts/store.ts'
import { type Heard, heardOf, replayStep } from '../look/replay-step.ts'
import type { SnapshotJson } from './frame.ts'

/** One event that an actor's machine was given, and the snapshot after it. */
export interface Replayed extends Pick<Heard, 'event' | 'source' | 'refused'> {
  readonly stored: StoredEvent
  readonly snapshot: SnapshotJson
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
      snapshot = isWhole ? replayStep(machine, snapshot, heard) : null
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

const plain = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value ?? null)) as JsonValue
