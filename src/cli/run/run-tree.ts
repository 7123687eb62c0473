import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { createBell } from '../../../supervisor/child-side/bell.ts'
import { watchFile } from '../../../supervisor/child-side/watch-file.ts'
import { createStatusWriter } from '../../../supervisor/status/write-status.ts'
import { createSupervisor } from '../../../supervisor/supervisor.ts'
import { localBoard } from '../../board/local-board.ts'
import type { Attention } from '../../contracts/status.ts'
import type { Owner } from '../../contracts/store.ts'
import { writeAnchor } from '../../durable/anchors.ts'
import { loadOrCreateKeys } from '../../durable/keys.ts'
import { openHeadReader } from '../../durable/sqlite/head-reader.ts'
import { systemClock } from '../../platform/clock.ts'
import { newId } from '../../platform/random.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import { stateLayout } from '../../platform/state-layout.ts'
import { openJournal } from '../compose/open-journal.ts'
import { readManifest } from '../compose/read-manifest.ts'
import { setCurrentManifest, storeManifest } from '../compose/stored-manifest.ts'
import { serveInspection } from '../inspect/serve-inspection.ts'
import { createAnchoring } from './anchoring.ts'
import { attemptNews } from './attempt-news.ts'
import { childSpecs, GROUPS, pinLanes } from './child-specs.ts'
import { composeStatus } from './compose-status.ts'
import { countTasks, describeBoard } from './count-tasks.ts'
import { createIdleWatch } from './idle-watch.ts'
import { importTaskFile } from './import-task-file.ts'
import { journalReports } from './journal-reports.ts'
import { newsOf } from './news-of.ts'
import { readProgress } from './read-progress.ts'
import { createReloading } from './reloading.ts'
import type { RunReporter } from './run-reporter.ts'
import { createSupervisorQueue } from './supervisor-queue.ts'
import { createTaskFeed } from './task-feed.ts'
import { unlessBlocked } from './unless-blocked.ts'

export interface RunTreeOptions {
  readonly manifestPath: string
  readonly untilIdle: boolean
  readonly maxWaitMs: number
  /** Serves the inspection feed on this port of 127.0.0.1; null: nowhere. */
  readonly inspectPort: number | null
  readonly reporter: RunReporter
}

/** How long the tree may stay unlooked at when nothing rings. */
const LOOK_EVERY_MS = 1_000
/** The exit code after a second signal, as shells have it. */
const ENDED_BY_SIGNAL = 130

/**
 * Runs the tree of a manifest in this process until it is stopped, or until nothing is left to do.
 * @returns the exit code: 0, 3 (a task is Blocked) or 10 (one waits for a person); 0 after a clean stop, 130 after a
 * second signal.
 * @throws SupervisorAlreadyRunning, UsageError
 */
export const runTree = async (options: RunTreeOptions): Promise<number> => {
  const { reporter } = options
  // A supervisor of hundreds of children holds 15 MB of live heap: without these the collector lets it grow to 135.
  setFlagsFromString('--max-semi-space-size=2')
  setFlagsFromString('--optimize-for-size')
  const clock = systemClock
  const { manifest } = readManifest(options.manifestPath)
  const layout = stateLayout(manifest.stateDir)
  mkdirSync(layout.root, { recursive: true, mode: 0o700 })
  const store = await openJournal(layout, clock)
  const heads = openHeadReader(layout.journal)
  const keys = loadOrCreateKeys(layout.keys)
  const bell = createBell(clock)
  const pins = pinLanes(manifest, storeManifest(layout, manifest), {})
  const lanes = Object.keys(pins)
  const supervisor = createSupervisor({
    specs: childSpecs(manifest, pins),
    groups: GROUPS,
    layout,
    incarnation: newId('inc'),
    readHead: heads.head,
    journal: journalReports(store),
    recovery: { max: manifest.supervision.recoveryMax, withinMs: manifest.supervision.recoveryWithinMs },
    beforeRelease: () => finish(),
  })
  const owner: Owner = {
    incarnation: supervisor.incarnation,
    host: hostname(),
    identity: supervisor.identity,
  }
  const board = localBoard(store)
  for (const queue of [...lanes, 'supervisor']) ringDoorbell(layout.doorbell(queue))
  await supervisor.start()
  setCurrentManifest(layout, storeManifest(layout, manifest))
  const found = await describeBoard(board)
  const imported = await importTaskFile(board, manifest, clock)
  reporter.started({ manifest, layout, imported, found, pid: process.pid })

  const inspection =
    options.inspectPort === null ? null : await serveInspection({ store, layout, port: options.inspectPort })
  if (inspection !== null) reporter.note(`inspection feed at ${inspection.url}`)
  const anchoring = createAnchoring({ clock, write: () => writeAnchor(store, keys.privateKey) })
  const queue = createSupervisorQueue({
    store,
    owner,
    layout,
    clock,
    ring: () => bell.ring('host'),
    onDecided: () => anchoring.now(),
  })
  const feed = createTaskFeed({ board, reporter })
  const idle = createIdleWatch({ clock, manifest, maxWaitMs: options.maxWaitMs })
  const reloading = createReloading({
    manifest,
    pins,
    supervisor,
    layout,
    clock,
    reporter,
    journal: (data) =>
      void store.appendLaneEvent('supervisor', owner.incarnation, 'reload', {
        ...data,
        applied: [...data.applied],
        waiting: [...data.waiting],
        refused: [...data.refused],
      }),
  })
  let progress = await readProgress({ store, board, clock, lanes })
  let counts = await countTasks(board)
  let terminal: 'passed' | 'stopped' | 'parked' | null = null
  const status = createStatusWriter(layout.status, clock, () =>
    composeStatus({
      manifest: reloading.current(),
      supervisor,
      clock,
      layout,
      progress,
      counts,
      terminal,
      notes: reloading.attention(),
    }),
  )
  const tellAttempts = attemptNews(reporter.note)
  const tellAttention = newsOf((each: Attention) =>
    reporter.note(`${each.subject}: ${each.reason}; ${each.action}`),
  )
  const finish = async (): Promise<void> => {
    await unlessBlocked(queue.stop)
    await unlessBlocked(anchoring.now)
    progress = await readProgress({ store, board, clock, lanes })
    counts = await countTasks(board)
    terminal ??= 'stopped'
    status.close()
  }
  const unwatch = watchFile(layout.doorbell('supervisor'), clock, () => bell.ring('doorbell'))
  supervisor.onChange(() => {
    status.changed()
    bell.ring('tree')
  })
  let over = false
  void supervisor.stopped.then(() => {
    over = true
    bell.ring('stopped')
  })
  let exit = 0
  onSignals((isSecond) => {
    if (isSecond) exit = ENDED_BY_SIGNAL
    void supervisor.stop({ kill: isSecond, reason: 'signal' })
  })

  while (!over) {
    let nextTimerMs = LOOK_EVERY_MS
    await unlessBlocked(async () => {
      nextTimerMs = await queue.work()
    })
    progress = await readProgress({ store, board, clock, lanes })
    counts = await countTasks(board)
    await feed.look()
    tellAttempts(progress)
    tellAttention(supervisor.attention())
    await unlessBlocked(anchoring.whenDue)
    status.changed()
    const ended = options.untilIdle && terminal === null ? idle.look(progress, feed.tally()) : null
    if (ended !== null) {
      exit = ended.exit
      terminal = exit === 0 ? 'passed' : 'parked'
      reporter.idle(ended)
      void supervisor.stop({ reason: ended.reason })
    }
    await bell.next(Math.min(nextTimerMs, LOOK_EVERY_MS))
  }
  unwatch()
  await reloading.close()
  await feed.look()
  reporter.ended({ exit, tally: feed.tally(), tasks: feed.tasks(), report: await supervisor.stopped, layout })
  await inspection?.close()
  heads.close()
  await store.close()
  return exit
}

/** The first signal asks for a clean stop, the second ends everything at once. */
const onSignals = (stop: (isSecond: boolean) => void): void => {
  let asked = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stop(asked)
      asked = true
    })
  }
}
