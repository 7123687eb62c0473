import { hostname } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { type Bell, createBell } from '../../../supervisor/child-side/bell.ts'
import { createSupervisor } from '../../../supervisor/supervisor.ts'
import type { Supervisor } from '../../../supervisor/supervisor-api.ts'
import type { Board } from '../../board/board.ts'
import type { FileTask } from '../../board/import-tasks.ts'
import { localBoard } from '../../board/local-board.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { Owner } from '../../contracts/store.ts'
import { type InstanceKeys, loadOrCreateKeys } from '../../durable/keys.ts'
import { openHeadReader } from '../../durable/sqlite/head-reader.ts'
import type { Store } from '../../durable/store.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { makeFolders } from '../../platform/make-folders.ts'
import { newId } from '../../platform/random.ts'
import { readRegistrations } from '../../platform/registrations.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import { type ServiceManager, serviceManager } from '../../platform/service-manager.ts'
import { type StateLayout, stateLayout } from '../../platform/state-layout.ts'
import { openJournal } from '../compose/open-journal.ts'
import { readManifest } from '../compose/read-manifest.ts'
import { storeManifest } from '../compose/stored-manifest.ts'
import { childSpecs, GROUPS, type LanePins, pinLanes } from './child-specs.ts'
import { journalReports } from './journal-reports.ts'
import { tasksOfManifest } from './tasks-of-manifest.ts'

/** Everything a run is made of; nothing of it has been started. */
export interface OpenTree {
  readonly manifest: CompiledManifest
  /** The tasks of the file it names; they are not on the board yet. */
  readonly tasks: readonly FileTask[]
  /** The stored manifest's name. */
  readonly content: string
  readonly pins: LanePins
  readonly layout: StateLayout
  readonly clock: Clock
  /** Rung at every turn of the supervisor too, as `turn`. */
  readonly bell: Bell
  readonly store: Store
  /** Another number as soon as anybody has written to the journal. */
  readonly journalVersion: () => number
  readonly board: Board
  readonly keys: InstanceKeys
  readonly supervisor: Supervisor
  readonly owner: Owner
  /** Whoever started us as a service; null where nobody did. */
  readonly service: ServiceManager | null
  /** What is done when everything is down while the lock is still ours. */
  atRelease(work: () => Promise<void>): void
  close(): Promise<void>
}

/**
 * Opens state, journal and supervisor of a manifest.
 * @throws UsageError; RefusedError where the journal cannot be used; Error where a registration cannot be read.
 */
export const openTree = async (manifestPath: string, note: (line: string) => void): Promise<OpenTree> => {
  // A supervisor of hundreds of children holds 15 MB of live heap: without these the collector lets it grow to 135.
  setFlagsFromString('--max-semi-space-size=2')
  setFlagsFromString('--optimize-for-size')
  const clock = systemClock
  const bell = createBell(clock)
  const { manifest } = readManifest(manifestPath)
  const tasks = tasksOfManifest(manifest, clock)
  const layout = stateLayout(manifest.stateDir)
  // Where it cannot be read what earlier lives left running, nothing may start beside it.
  readRegistrations(layout.registrations)
  makeFolders(layout.root, 0o700)
  const store = await openJournal(layout, clock)
  const heads = openHeadReader(layout.journal)
  const keys = loadOrCreateKeys(layout.keys)
  const content = storeManifest(layout, manifest)
  const pins = pinLanes(manifest, content, {})
  const service = serviceManager({ clock, failed: note })
  let release = async (): Promise<void> => {}
  const supervisor = createSupervisor({
    specs: childSpecs(manifest, pins),
    groups: GROUPS,
    layout,
    incarnation: newId('inc'),
    readHead: heads.head,
    journal: journalReports(store),
    recovery: { max: manifest.supervision.recoveryMax, withinMs: manifest.supervision.recoveryWithinMs },
    beforeRelease: () => release(),
    onTurn: () => {
      service?.turned()
      bell.ring('turn')
    },
  })
  for (const queue of [...Object.keys(pins), 'supervisor']) ringDoorbell(layout.doorbell(queue))
  return {
    manifest,
    tasks,
    content,
    pins,
    layout,
    clock,
    bell,
    store,
    journalVersion: heads.version,
    board: localBoard(store),
    keys,
    supervisor,
    owner: { incarnation: supervisor.incarnation, host: hostname(), identity: supervisor.identity },
    service,
    atRelease: (work) => {
      release = work
    },
    close: async () => {
      heads.close()
      await store.close()
    },
  }
}
