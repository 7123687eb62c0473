import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { InstanceKeys } from '../../durable/keys.ts'
import type { Store } from '../../durable/store.ts'
import type { Clock } from '../../platform/clock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import type { Standing } from './ended-tasks.ts'

/** What every part of the janitor's work goes by. */
export interface Look extends Standing {
  readonly layout: StateLayout
  readonly store: Store
  readonly clock: Clock
  readonly keys: InstanceKeys
  readonly manifest: CompiledManifest
  /** Repositories of the manifest that is in force, which may be older than the file. */
  readonly reposInForce: ReadonlySet<string>
  /** Attempts whose keeper or agent is not proved gone; null where that cannot be told of all. */
  readonly alive: ReadonlySet<string> | null
  /** Whether nothing of this system runs at this moment: no supervisor, no lane. */
  readonly isAsleep: () => Promise<boolean>
  readonly nowMs: number
}

/** Whether something that ended then has been kept as long as it has to be. */
export const isDue = ({ nowMs }: Pick<Look, 'nowMs'>, sinceMs: number, keptMs: number): boolean =>
  nowMs - sinceMs >= keptMs
