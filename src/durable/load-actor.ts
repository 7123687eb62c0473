import { type AnyMachineSnapshot, createActor, type Snapshot } from 'xstate'
import type { ActorRow, CommitInput, EffectRow, TimerRow } from '../contracts/store.ts'
import type { MachineDefinition, StoredInstance } from './define-machine.ts'
import type { TurnState } from './plan-turn.ts'

/** An actor in memory: what the store holds of it, restored. */
export interface LoadedActor extends TurnState {
  readonly id: string
  readonly queue: string
  readonly definition: MachineDefinition
}

/** What was stored of an actor. */
export interface StoredActor {
  readonly row: ActorRow
  readonly effects: readonly EffectRow[]
  readonly timers: readonly TimerRow[]
}

/** An actor whose stored state this code cannot run; it is left as it is. */
export class UnloadableActorError extends Error {
  constructor(actor: string, reason: string) {
    super(`actor ${actor} cannot be loaded: ${reason}`)
    this.name = 'UnloadableActorError'
  }
}

/**
 * Restores an actor of the current version.
 * @throws UnloadableActorError when the machine has no such state, or its context breaks the schema.
 */
export const restoreActor = (definition: MachineDefinition, stored: StoredActor): LoadedActor => {
  const { row } = stored
  const snapshot = createActor(definition.machine, {
    snapshot: row.snapshot as unknown as Snapshot<unknown>,
  }).getSnapshot() as AnyMachineSnapshot
  if (snapshot.status === 'error') throw new UnloadableActorError(row.id, String(snapshot.error))
  const context = definition.contextSchema.safeParse(snapshot.context)
  if (!context.success) throw new UnloadableActorError(row.id, `context: ${context.error.message}`)
  return {
    id: row.id,
    queue: row.queue,
    definition,
    snapshot,
    status: row.status,
    seq: row.seq,
    entries: row.entries,
    effects: stored.effects,
    timers: stored.timers,
  }
}

/** The event under which a migration is journaled. */
export const MIGRATED_EVENT = 'machine.migrated'

/** What a migration writes; null where the stored version is the current one. */
export type MigrationPlan = Pick<
  CommitInput,
  'snapshot' | 'newEffects' | 'cancelEffects' | 'newTimers' | 'cancelTimers'
>

/**
 * Lifts a stored actor to the current version, step by step.
 * @throws UnloadableActorError when it is newer than this code, or a step is missing.
 */
export const planMigration = (definition: MachineDefinition, stored: StoredActor): MigrationPlan | null => {
  const { id, machineVersion: from, snapshot } = stored.row
  if (from === definition.version) return null
  if (from > definition.version)
    throw new UnloadableActorError(
      id,
      `it was written by version ${from} of ${definition.name}, this is ${definition.version}`,
    )
  const before: StoredInstance = { snapshot, effects: stored.effects, timers: stored.timers }
  let after = before
  for (let version = from; version < definition.version; version += 1) {
    const migrate = definition.migrations?.[version]
    if (migrate === undefined)
      throw new UnloadableActorError(id, `${definition.name} has no migration from version ${version}`)
    after = migrate(after)
  }
  return {
    snapshot: after.snapshot,
    newEffects: added(before.effects, after.effects),
    cancelEffects: added(after.effects, before.effects).map((row) => row.id),
    newTimers: added(before.timers, after.timers),
    cancelTimers: added(after.timers, before.timers).map((row) => row.id),
  }
}

const added = <Row extends { id: string }>(before: readonly Row[], after: readonly Row[]): Row[] => {
  const known = new Set(before.map((row) => row.id))
  return after.filter((row) => !known.has(row.id))
}
