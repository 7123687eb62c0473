import type { ChildSpec, GroupSpec } from '../src/contracts/child-spec.ts'
import type { IncarnationId } from '../src/contracts/ids.ts'
import type { Instant } from '../src/contracts/instant.ts'
import type { StreamHead } from '../src/contracts/liveness.ts'
import type { ProcessIdentity } from '../src/contracts/process-identity.ts'
import type { Attention, ChildRecord } from '../src/contracts/status.ts'
import type { SupervisorReport } from '../src/contracts/supervisor-report.ts'
import type { Clock } from '../src/platform/clock.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'
import type { TreePhase } from './decide/decide-desired.ts'
import type { Host } from './host-load.ts'

/** Where reports go behind our own log. It may be slow or refuse; the supervisor never waits for it. */
export interface JournalPort {
  /** Appends one report, idempotent by its `n` and supervisor. A rejection names who holds the lock, if that is why. */
  record(supervisor: IncarnationId, report: SupervisorReport): Promise<void>
}

/** Everything the supervisor is handed. Only `specs` and `layout` have no default. */
export interface SupervisorOptions {
  readonly specs: readonly ChildSpec[]
  /** Groups that no spec names are ignored; a group a spec names and nobody describes gets the defaults. */
  readonly groups?: readonly GroupSpec[]
  readonly layout: StateLayout
  /** Whether a child is one of our lanes (status and registrations say so). @default group === 'lanes' */
  readonly roleOf?: (spec: ChildSpec) => 'lane' | 'service'
  /** The head of a stream as *we* read it in the journal, null when it has no events. @default always null */
  readonly readHead?: (stream: string) => StreamHead | null
  readonly journal?: JournalPort
  /** Called when a child with `on_limit: escalate`, or a group, has reached its limit. */
  readonly onEscalate?: (subject: string, reason: string) => void
  readonly clock?: Clock
  /** Load of the host and of our own event loop. */
  readonly host?: Host
  /** Draws the jitter of back-off, 0 ≤ n < 1. */
  readonly jitter?: () => number
  /** @default a new one */
  readonly incarnation?: IncarnationId
  /** How often a hung child is recovered before a person is asked. @default 3 within an hour */
  readonly recovery?: { readonly max: number; readonly withinMs: number }
  /** Called when everything is down and reported, while the lock is still ours: the last word on disk is written here. */
  readonly beforeRelease?: () => Promise<void>
  /** Called after every look at the tree; never from a timer of its own, so that it proves that the loop turns. */
  readonly onTurn?: () => void
  /** The longest time between two looks at the tree, in ms. @default 1000 */
  readonly tickMs?: number
  /** Upper bound of a whole stop, in ms, whatever the graces add up to. @default no bound of its own */
  readonly stopWithinMs?: number
}

export interface StopOptions {
  /** Wait until no child has work in hand. */
  readonly drain?: boolean
  /** Leave agents and their keepers running. */
  readonly keepAgents?: boolean
  /** End everything at once, by force. A second `stop` does the same. */
  readonly kill?: boolean
  readonly reason?: string
}

/** How a stop went; also what a later `stop` resolves with. */
export interface StopReport {
  readonly at: Instant
  /** Children that needed SIGKILL. */
  readonly forced: readonly string[]
  /** Children that could not be ended at all; nothing may be started over them. */
  readonly survivors: readonly string[]
  readonly killed: boolean
  readonly keepAgents: boolean
}

/** What a reload changes. */
export interface ReloadDiff {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

export interface Supervisor {
  readonly incarnation: IncarnationId
  readonly identity: ProcessIdentity
  readonly startedAt: Instant
  /**
   * Takes the lock, adopts or ends survivors, starts what is wanted. Resolves once every child is adopted or being started.
   * @throws SupervisorAlreadyRunning when another one holds the lock.
   */
  start(): Promise<void>
  /** Applies new specs: added → start, removed → drained and stopped, changed → restarted at the next idle point. */
  reload(specs: readonly ChildSpec[], groups?: readonly GroupSpec[]): ReloadDiff
  /** Stops everything in order; a second call kills. Resolves when nothing of the tree lives any more. */
  stop(options?: StopOptions): Promise<StopReport>
  pause(reason?: string): void
  unpause(reason?: string): void
  /** Restarts one child (all with null): also the way out of quarantine. False when there is no such child. */
  restartChild(id: string | null, reason?: string): boolean
  /** Looks at everything now. The loop does so by itself. */
  tick(): void
  phase(): TreePhase
  records(): ChildRecord[]
  /** What wants a person: a pause, quarantined children, a blocked journal. */
  attention(): Attention[]
  /** Calls `listener` after every change of a record or of the phase; the answer ends that. */
  onChange(listener: () => void): () => void
  /** Resolves with the report of the stop, whoever asked for it (a request file, a signal). */
  readonly stopped: Promise<StopReport>
}
