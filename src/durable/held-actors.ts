import type { Lease, Owner } from '../contracts/store.ts'
import type { Clock } from '../platform/clock.ts'
import type { MachineDefinition } from './define-machine.ts'
import {
  type LoadedActor,
  MIGRATED_EVENT,
  planMigration,
  restoreActor,
  type StoredActor,
  UnloadableActorError,
} from './load-actor.ts'
import type { Store } from './store.ts'

/** Actors kept in memory between turns; any of them can be loaded again. */
const MAX_LOADED = 1_000

/** The actors whose leases are ours, and those of them that are in memory. */
export interface HeldActors {
  /** @throws UnloadableActorError. Null when no such actor exists yet. */
  load(actor: string): Promise<LoadedActor | null>
  /** The token under which we hold the actor. */
  tokenOf(actor: string): number | null
  hold(lease: Lease): void
  keep(loaded: LoadedActor): void
  /** Reads it again next time. */
  forget(actor: string): void
  /** It is not ours any more. */
  lose(actor: string): void
  release(actor: string): Promise<void>
  all(): readonly string[]
}

export const createHeldActors = (options: {
  readonly store: Store
  readonly owner: Owner
  readonly clock: Clock
  readonly machines: ReadonlyMap<string, MachineDefinition>
}): HeldActors => {
  const { store, owner } = options
  const tokens = new Map<string, number>()
  const loaded = new Map<string, LoadedActor>()

  const keep = (actor: LoadedActor): void => {
    loaded.delete(actor.id)
    loaded.set(actor.id, actor)
    const oldest = loaded.keys().next().value
    if (loaded.size > MAX_LOADED && oldest !== undefined) loaded.delete(oldest)
  }

  const lose = (actor: string): void => {
    tokens.delete(actor)
    loaded.delete(actor)
  }

  return {
    keep,
    lose,
    load: async (actor) => {
      const known = loaded.get(actor)
      if (known !== undefined) return known
      const stored = await read(store, actor)
      if (stored === null) return null
      const definition = options.machines.get(stored.row.machine)
      if (definition === undefined)
        throw new UnloadableActorError(actor, `machine ${stored.row.machine} is not registered`)
      const current = await migrate(store, owner, tokens.get(actor) ?? 0, definition, stored)
      const restored = restoreActor(definition, current)
      keep(restored)
      return restored
    },
    tokenOf: (actor) => tokens.get(actor) ?? null,
    hold: (lease) => void tokens.set(lease.actor, lease.token),
    forget: (actor) => void loaded.delete(actor),
    release: async (actor) => {
      const token = tokens.get(actor)
      lose(actor)
      if (token !== undefined) await store.release(actor, token, owner.incarnation)
    },
    all: () => [...tokens.keys()],
  }
}

const read = async (store: Store, actor: string): Promise<StoredActor | null> => {
  const row = await store.loadActor(actor)
  if (row === null) return null
  const [effects, timers] = await Promise.all([store.unfinishedEffects(actor), store.pendingTimers(actor)])
  return { row, effects, timers }
}

/** A migration is a turn of its own, so that the journal shows when and from where. */
const migrate = async (
  store: Store,
  owner: Owner,
  token: number,
  definition: MachineDefinition,
  stored: StoredActor,
): Promise<StoredActor> => {
  const { row } = stored
  const plan = planMigration(definition, stored)
  if (plan === null) return stored
  restoreActor(definition, { ...stored, row: { ...row, snapshot: plan.snapshot } })
  const result = await store.commit({
    ...plan,
    actor: row.id,
    queue: row.queue,
    machine: row.machine,
    machineVersion: definition.version,
    expectedSeq: row.seq,
    token,
    owner: owner.incarnation,
    event: { type: MIGRATED_EVENT, data: { from: row.machineVersion, to: definition.version } },
    status: row.status,
    entries: row.entries,
    consumeInbox: [],
    consumeTimers: [],
    settleEffect: null,
    sends: [],
  })
  if (!result.ok) throw new UnloadableActorError(row.id, `its migration met a ${result.reason} conflict`)
  const migrated = await read(store, row.id)
  return migrated ?? stored
}
