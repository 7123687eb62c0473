import { z } from 'zod'
import { IncarnationId, Sha256 } from './ids.ts'
import { Instant } from './instant.ts'
import { JsonValue } from './json.ts'
import { ProcessIdentity } from './process-identity.ts'

/** A holder of leases: one incarnation of one lane or supervisor on one host. */
export const Owner = z.object({
  incarnation: IncarnationId,
  host: z.string().min(1),
  identity: ProcessIdentity,
})
export type Owner = z.infer<typeof Owner>

/** The right to advance one actor. `token` rises with every new holder: the fence of every write. */
export const Lease = z.object({
  actor: z.string(),
  owner: Owner,
  token: z.number().int().positive(),
  expiresAt: Instant,
})
export type Lease = z.infer<typeof Lease>

/** One event as it is stored: `bytes` is canonicalJson of all fields but `hash`; hash = sha256(bytes). */
export const StoredEvent = z.object({
  stream: z.string(),
  seq: z.number().int().positive(),
  /** Hash of the event before it in this stream; 64 zeros for the first. */
  prev: Sha256,
  writer: z.string(),
  /** Gap-free per writer. */
  writerSeq: z.number().int().positive(),
  at: Instant,
  type: z.string(),
  data: JsonValue,
  /** Hash of the canonical state this event produced. */
  stateHash: Sha256,
  hash: Sha256,
})
export type StoredEvent = z.infer<typeof StoredEvent>

export interface EffectRow {
  /** `actor/stateEntry/invokeId` or `actor/version/index`. */
  readonly id: string
  readonly actor: string
  readonly name: string
  readonly invokeId: string | null
  readonly input: JsonValue
}

export interface TimerRow {
  readonly id: string
  readonly actor: string
  readonly event: { readonly type: string } & Record<string, JsonValue>
  readonly due: Instant
}

/** An event waiting for an actor. `start` creates the actor if it does not exist. */
export interface InboxRow {
  /** Unique: the same id twice is the same event. */
  readonly id: string
  readonly actor: string
  /** Whose work it is: a lane's name, or `supervisor`. */
  readonly queue: string
  readonly event: { readonly type: string } & Record<string, JsonValue>
  readonly start: { readonly machine: string; readonly input: JsonValue } | null
}

export interface ActorRow {
  readonly id: string
  readonly queue: string
  readonly machine: string
  readonly machineVersion: number
  /** XState's persisted snapshot, JSON. */
  readonly snapshot: JsonValue
  readonly status: 'active' | 'done' | 'refused'
  readonly seq: number
  readonly head: string
  /** How many states were entered so far; part of effect and timer ids. */
  readonly entries: number
}

/** Everything one transition writes, in one transaction. */
export interface CommitInput {
  readonly actor: string
  readonly queue: string
  readonly machine: string
  readonly machineVersion: number
  /** 0 creates the actor. */
  readonly expectedSeq: number
  readonly token: number
  readonly owner: IncarnationId
  readonly event: { readonly type: string; readonly data: JsonValue }
  readonly snapshot: JsonValue
  readonly status: 'active' | 'done' | 'refused'
  readonly entries: number
  readonly newEffects: readonly EffectRow[]
  readonly cancelEffects: readonly string[]
  readonly newTimers: readonly TimerRow[]
  readonly cancelTimers: readonly string[]
  readonly consumeInbox: readonly string[]
  readonly consumeTimers: readonly string[]
  readonly settleEffect: { readonly id: string; readonly outcome: JsonValue } | null
  /** Rows for other actors, delivered by this very transaction. */
  readonly sends: readonly InboxRow[]
}

export type CommitResult =
  | { readonly ok: true; readonly seq: number; readonly head: string }
  /** `version`: load again. `lease`: somebody else holds the actor now. */
  | { readonly ok: false; readonly reason: 'version' | 'lease' }

/** A document beside the actors (board task, pull request, comment, setting): versioned, journaled, hashed like an actor. */
export interface RecordRow {
  readonly kind: string
  readonly id: string
  /** Sort and filter keys, indexed together: kind, queue, state, rank, createdMs. */
  readonly queue: string
  readonly state: string
  readonly rank: number
  readonly createdMs: number
  readonly version: number
  readonly value: JsonValue
}

export interface PutRecord extends Omit<RecordRow, 'version'> {
  /** 0 creates. */
  readonly expectedVersion: number
  /** Why, as the journaled event's type. */
  readonly event: string
  /** The same key twice is the same write: the second answers `repeated`. */
  readonly key: string
  /** Checked in the same transaction where the write belongs to an actor's effect. */
  readonly fence: { readonly actor: string; readonly token: number } | null
  readonly writer: string
  /** An event for an actor, delivered by this very write. */
  readonly tell?: InboxRow
}

export type PutResult =
  | { readonly ok: true; readonly version: number; readonly repeated: boolean }
  | { readonly ok: false; readonly reason: 'version' | 'fence'; readonly current: RecordRow | null }

/** Records as adapters see them (local board, local forge). */
export interface RecordStore {
  put(record: PutRecord): Promise<PutResult>
  get(kind: string, id: string): Promise<RecordRow | null>
  /** Ordered by rank, createdMs, id. */
  list(query: {
    kind: string
    queue?: string
    state?: string
    after?: RecordRow
    limit: number
  }): Promise<RecordRow[]>
  count(query: { kind: string; queue?: string; state?: string }): Promise<number>
}
