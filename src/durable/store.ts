import type { IncarnationId } from '../contracts/ids.ts'
import type { Instant } from '../contracts/instant.ts'
import type { JsonValue } from '../contracts/json.ts'
import type { StreamHead } from '../contracts/liveness.ts'
import type { SpendStore } from '../contracts/spend.ts'
import type {
  ActorRow,
  CommitInput,
  CommitResult,
  EffectRow,
  InboxRow,
  Lease,
  Owner,
  PutRecord,
  PutResult,
  RecordRow,
  RecordStore,
  StoredEvent,
  TimerRow,
} from '../contracts/store.ts'
import type { AnchorDraft, SignedAnchor } from './anchor.ts'

/**
 * What the operating system says of a lease's holder on this host. Only `dead` permits taking over; `unproven`
 * permits asking again.
 */
export type OwnerProof = 'dead' | 'alive' | 'unproven'

export type ClaimResult =
  | { readonly ok: true; readonly lease: Lease; readonly takenFrom: Owner | null }
  | { readonly ok: false; readonly holder: Owner }

/** What waits for one owner of one queue. */
interface Due {
  /** Unconsumed inbox rows of actors the owner holds, oldest first. */
  readonly inbox: readonly InboxRow[]
  /** Timers whose time has come, earliest first. */
  readonly timers: readonly TimerRow[]
  /** Effects that were asked for and are neither settled nor cancelled. */
  readonly effects: readonly EffectRow[]
  /** Actors with waiting inbox rows that nobody holds. */
  readonly unclaimed: readonly string[]
  /** When the next pending timer comes due. */
  readonly nextTimer: Instant | null
}

/** Ids (of the same kind) that must be in `state` before this record can be taken. */
export interface RecordNeeds {
  readonly ids: readonly string[]
  readonly state: string
}

interface PutLinkedRecord extends PutRecord {
  /** Replaces the record's needs; absent leaves them as they are. */
  readonly needs?: RecordNeeds
}

/** Picks the first eligible record of a state (by rank, then age) and moves it, in one transaction. */
export interface TakeRecord {
  readonly kind: string
  readonly queue: string
  readonly fromState: string
  readonly toState: string
  /** Leaves out records whose value has one of these at the path (`$.spec.repo`). */
  readonly except?: { readonly path: string; readonly values: readonly string[] }
  /** Merged into the record's value (top level only). */
  readonly patch: Readonly<Record<string, JsonValue>>
  /** Why, as the journaled event's type. */
  readonly event: string
  readonly writer: string
  /**
   * Tells the actor that is named like the record, and starts it where it does not exist yet, in the same
   * transaction: no crash leaves a record taken and nobody at work. The record's value (or one field of it) is put
   * into the start input under `recordKey`.
   */
  readonly start: {
    readonly queue: string
    readonly event: InboxRow['event']
    readonly machine: string
    readonly input: Readonly<Record<string, JsonValue>>
    readonly recordKey: string
    readonly recordField: string | null
  } | null
}

/**
 * The journal and everything the host keeps in it. Every method is one command and one transaction; none takes a
 * callback, so that any SQL store can carry them out. All writes are durable when the promise resolves.
 * Every method @throws JournalBusyError when the write lock could not be had in bounded time.
 */
export interface Store extends RecordStore, SpendStore {
  /**
   * Claims one actor that nobody holds, or whose holder is proved dead on this host, or whose lease expired on
   * another host. Claiming what we hold renews it.
   */
  claim(actor: string, queue: string, owner: Owner, ttlMs: number): Promise<ClaimResult>
  /** Holders on this host, proved dead, of a queue's unfinished actors: reap their processes before claiming. */
  deadHolders(queue: string, owner: Owner): Promise<Owner[]>
  /** Claims every unfinished actor of a queue that `claim` would give us; tells whom each was taken from. */
  claimQueue(
    queue: string,
    owner: Owner,
    ttlMs: number,
  ): Promise<{ readonly lease: Lease; readonly takenFrom: Owner | null }[]>
  /** Extends all leases of an incarnation; says how many it holds. */
  renew(owner: IncarnationId, ttlMs: number): Promise<number>
  /** Gives an actor back. False when it was not ours any more. */
  release(actor: string, token: number, owner: IncarnationId): Promise<boolean>
  leaseOf(actor: string): Promise<Lease | null>
  /** True while `token` is the actor's current one and it is held. */
  checkFence(actor: string, token: number): Promise<boolean>

  commit(input: CommitInput): Promise<CommitResult>
  /** Adds an event for an actor; `isNew` is false when its id is already known. */
  enqueue(row: InboxRow): Promise<{ readonly isNew: boolean }>
  /** Consumes a row that no actor can take, and journals why in the stream `inbox/<queue>`. */
  discard(rowId: string, reason: string, writer: string): Promise<boolean>
  due(queue: string, owner: IncarnationId, now: Instant, limit: number): Promise<Due>
  unfinishedEffects(actor: string): Promise<EffectRow[]>
  pendingTimers(actor: string): Promise<TimerRow[]>
  /** Events for an actor that nobody has handled yet, oldest first. */
  waitingEvents(actor: Pick<ActorRow, 'id' | 'queue'>): Promise<InboxRow[]>

  loadActor(actor: string): Promise<ActorRow | null>
  /** Ordered by id. */
  listActors(query: {
    queue?: string
    machine?: string
    status?: ActorRow['status']
    after?: string
    limit: number
  }): Promise<ActorRow[]>

  readStream(stream: string, fromSeq: number, limit?: number): Promise<StoredEvent[]>
  /** Version 0 and 64 zeros where nothing was written yet. */
  head(stream: string): Promise<StreamHead>
  /** An event of a stream without a state of its own, such as `lane-goal`. */
  appendLaneEvent(stream: string, writer: string, type: string, data: JsonValue): Promise<StreamHead>

  put(record: PutLinkedRecord): Promise<PutResult>
  takeRecord(query: TakeRecord): Promise<RecordRow | null>
  /** Whether `takeRecord` would find a record. */
  hasEligible(kind: string, queue: string, state: string): Promise<boolean>
  /** Whether any actor of a queue has something to do: `claimQueue`, or an unclaimed actor of `due`, may give one. */
  hasUnfinished(queue: string): Promise<boolean>
  /** Whether an event waits in a queue's inbox. */
  hasWaiting(queue: string): Promise<boolean>
  /** Actors with an effect that was asked for and is neither settled nor cancelled; an ended one may still have some. */
  busyActors(): Promise<string[]>

  /** The next anchor, unsigned; null when nothing changed since the last. */
  draftAnchor(): Promise<AnchorDraft | null>
  /** False when another anchor came first. */
  putAnchor(anchor: SignedAnchor): Promise<boolean>
  latestAnchor(): Promise<SignedAnchor | null>

  close(): Promise<void>
}

/** The write lock of the journal, or room for it on the disk, could not be had in bounded time. Diagnoses `journal_blocked`, `disk_full`. */
export class JournalBusyError extends Error {
  constructor(path: string, waitedMs: number, options?: ErrorOptions) {
    super(
      `journal ${path}: could not be written for ${waitedMs} ms (${whyOf(options?.cause)}); see \`oc-supervise doctor\``,
      options,
    )
    this.name = 'JournalBusyError'
  }
}

const whyOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : 'another process holds the write lock'
