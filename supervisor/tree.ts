import type { ChildSpec, GroupSpec } from '../src/contracts/child-spec.ts'
import type { IncarnationId } from '../src/contracts/ids.ts'
import type { StreamHead } from '../src/contracts/liveness.ts'
import type { Clock } from '../src/platform/clock.ts'
import type { StateLayout } from '../src/platform/state-layout.ts'
import type { DeathTally } from './death-tally.ts'
import type { Placed } from './decide/decide-order.ts'
import type { HostLoad } from './host-load.ts'
import type { ReportInput } from './report-log.ts'

/** What the supervisor lends each of its children's shells. */
export interface Tree {
  readonly layout: StateLayout
  readonly clock: Clock
  readonly incarnation: IncarnationId
  readonly recovery: { readonly max: number; readonly withinMs: number }
  readonly tally: DeathTally
  readonly jitter: () => number
  readonly roleOf: (spec: ChildSpec) => 'lane' | 'service'
  readonly readHead: (stream: string) => StreamHead | null
  report(input: ReportInput): void
  groupOf(spec: ChildSpec): GroupSpec
  /** Where a child stands among the others. */
  placeOf(spec: ChildSpec): Placed
  /** Ids of the children in a group. */
  membersOf(group: string): string[]
  /** Who keeps this child from starting; null for nobody. */
  blockerOf(id: string): string | null
  /** What is left of a child's fresh period after our start, a suspend or a gap of our own, in ms. */
  graceLeftMs(spec: ChildSpec): number
  load(): HostLoad
  /** Whether a child was told to end by itself once it holds nothing: an exit without fault is then what was asked for. */
  isDraining(id: string): boolean
  /** A child failed and will be restarted: its siblings may have to go with it. */
  siblingsOf(id: string): void
  /** When a child that waits is due; null where nothing is. */
  dueMonoMsOf(id: string): number | null
  escalate(subject: string, reason: string): void
  /** Something that `records()` shows has changed. */
  changed(): void
  /** Look at everything again, soon. */
  wake(): void
}
