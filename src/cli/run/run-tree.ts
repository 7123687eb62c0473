import { watchFile } from '../../../supervisor/child-side/watch-file.ts'
import { importTasks } from '../../board/import-tasks.ts'
import type { Terminal } from '../../contracts/status.ts'
import { writeAnchor } from '../../durable/anchors.ts'
import { setCurrentManifest } from '../compose/stored-manifest.ts'
import { createAnchoring } from './anchoring.ts'
import { attemptNews } from './attempt-news.ts'
import { describeBoard } from './count-tasks.ts'
import { forgetSupervisors } from './forget-supervisors.ts'
import { type HeardSignals, hearSignals } from './hear-signals.ts'
import { createIdleWatch } from './idle-watch.ts'
import { newsOf } from './news-of.ts'
import { type OpenTree, openTree } from './open-tree.ts'
import { createReloading } from './reloading.ts'
import type { RunReporter } from './run-reporter.ts'
import { createSupervisorQueue } from './supervisor-queue.ts'
import { taskWaits } from './tally.ts'
import { createTaskFeed } from './task-feed.ts'
import { importer } from './tasks-of-manifest.ts'
import { tellService } from './tell-service.ts'
import { createTreeView } from './tree-view.ts'
import { unlessBlocked } from './unless-blocked.ts'

export interface RunTreeOptions {
  readonly manifestPath: string
  readonly untilIdle: boolean
  readonly maxWaitMs: number
  /** Serves the inspection feed on this port of 127.0.0.1; null: nowhere. */
  readonly inspectPort: number | null
  readonly reporter: RunReporter
}

/** How long the tree may stay unlooked at while something is under way and nothing rings. */
const LOOK_EVERY_MS = 2_000
/** The exit code after a second signal, as shells have it. */
const ENDED_BY_SIGNAL = 130

/**
 * Runs the tree of a manifest in this process until it is stopped, or until nothing is left to do.
 * @returns the exit code: 0, 3 (a task is Blocked) or 10 (one waits for a person); 0 after a clean stop, 130 after a
 * second signal.
 * @throws SupervisorAlreadyRunning, UsageError; nothing runs any more then
 */
export const runTree = async (options: RunTreeOptions): Promise<number> => {
  const signals = hearSignals()
  try {
    const tree = await openTree(options.manifestPath, options.reporter.note)
    await tree.supervisor.start()
    try {
      await welcome(tree, options.reporter)
      return await serve(tree, options, signals)
    } catch (error) {
      await tree.supervisor.stop({ reason: 'the run cannot go on' })
      throw error
    } finally {
      forgetSupervisors(tree.layout, tree.supervisor.identity)
      await tree.close()
    }
  } finally {
    signals.end()
  }
}

/** Puts the manifest in force and takes in the tasks it names. */
const welcome = async ({ manifest, tasks, content, layout, board }: OpenTree, reporter: RunReporter) => {
  setCurrentManifest(layout, content)
  const found = await describeBoard(board)
  const { created } = await importTasks(board, tasks, importer())
  reporter.started({ manifest, layout, imported: created.length, found, pid: process.pid })
}

/** Looks whenever something rings, until the tree is down. */
const serve = async (tree: OpenTree, options: RunTreeOptions, signals: HeardSignals): Promise<number> => {
  const { manifest, layout, clock, bell, store, board, supervisor } = tree
  const { reporter } = options
  const anchoring = createAnchoring({ clock, write: () => writeAnchor(store, tree.keys.privateKey) })
  const queue = createSupervisorQueue({
    ...tree,
    ring: () => bell.ring('host'),
    onDecided: () => anchoring.now(),
  })
  const feed = createTaskFeed({ board, reporter, onEnd: anchoring.soon })
  const tally = () => feed.tally(taskWaits(view.progress()))
  const idle = createIdleWatch({ clock, manifest, maxWaitMs: options.maxWaitMs })
  const reloading = createReloading({ ...tree, reporter, changed: () => view.changed() })
  const view = await createTreeView(tree, { manifest: reloading.current, notes: reloading.attention })
  const inspection = await openInspection(tree, options)
  const tellAttempts = attemptNews(reporter.note)
  const tellAttention = newsOf(({ subject, reason, action }) =>
    reporter.note(`${subject}: ${reason}; ${action}`),
  )
  const service = tellService(tree.service, supervisor)
  let exit = 0
  let terminal: Terminal | null = null
  tree.atRelease(async () => {
    // Who was told twice waits for no journal that somebody holds.
    if (exit !== ENDED_BY_SIGNAL) {
      await unlessBlocked(queue.stop)
      await unlessBlocked(anchoring.now)
    }
    await view.close(terminal ?? 'stopped')
  })
  const unwatch = watchFile(layout.doorbell('supervisor'), clock, () => bell.ring('doorbell'))
  supervisor.onChange(() => {
    view.changed()
    service.phase()
    bell.ring('tree')
  })
  let over = false
  void supervisor.stopped.then(() => {
    over = true
    bell.ring('stopped')
  })
  signals.tell((isSecond) => {
    if (isSecond) exit = ENDED_BY_SIGNAL
    void supervisor.stop({ kill: isSecond, reason: 'signal' })
  })

  let timerAtMs = 0
  let looksAgainMs = 0
  for (let rung: readonly string[] = ['start']; !over; rung = await bell.next(timerAtMs - clock.monoMs())) {
    // Rings are hints. Where nobody rang, the journal itself says whether there is anything to look at. That is asked
    // when the supervisor is awake anyway: each wake of its own would cost more than what it is for.
    const isAsked = rung.some((by) => by !== 'turn') || clock.monoMs() >= timerAtMs
    if (!isAsked && (clock.monoMs() < looksAgainMs || view.holds())) continue
    looksAgainMs = clock.monoMs() + LOOK_EVERY_MS
    timerAtMs = looksAgainMs
    await unlessBlocked(async () => {
      timerAtMs = clock.monoMs() + (await queue.work())
    })
    await view.refresh()
    await feed.look()
    service.looked(view.progress())
    tellAttempts(view.progress())
    tellAttention(supervisor.attention())
    await unlessBlocked(anchoring.whenDue)
    const ended = options.untilIdle && terminal === null ? idle.look(view.progress(), tally()) : null
    if (ended !== null) {
      exit = ended.exit
      terminal = exit === 0 ? 'passed' : 'parked'
      reporter.idle(ended)
      void supervisor.stop({ reason: ended.reason })
    }
  }
  unwatch()
  await reloading.close()
  await inspection?.close()
  await feed.look()
  reporter.ended({ exit, tally: tally(), tasks: feed.tasks(), report: await supervisor.stopped, layout })
  return exit
}

const openInspection = async ({ store, layout }: OpenTree, { inspectPort, reporter }: RunTreeOptions) => {
  if (inspectPort === null) return null
  const { serveInspection } = await import('../inspect/serve-inspection.ts')
  const inspection = await serveInspection({ store, layout, port: inspectPort })
  reporter.note(`inspection feed at ${inspection.url}`)
  return inspection
}
