import { RunId } from '../../contracts/ids.ts'
import { readRun } from '../../evidence/read-runs.ts'
import { systemClock } from '../../platform/clock.ts'
import { durableMachines } from '../compose/durable-machines.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { findRunTask } from '../look/find-run-task.ts'
import { type System, withSystem } from '../look/with-system.ts'
import { printAnswer } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'
import { capFrame } from './cap-frame.ts'
import { inspectionFeed } from './inspection-feed.ts'
import { serveInspection } from './serve-inspection.ts'

export interface InspectOptions extends StateOptions {
  readonly port: number
  readonly once?: boolean
  readonly json?: boolean
}

/** `inspect`: the feed of a system, or of one task and all that was started for it, running or past. */
export const inspectSystem = (subject: string | null, options: InspectOptions): Promise<void> =>
  withSystem(options, async (system) => {
    const target = subject === null ? null : await targetOf(system, subject)
    if (options.once === true) await printFeed(system, target)
    else await serve(system, target, options)
  })

/** The whole story as one frame a line. */
const printFeed = async ({ store, layout }: System, target: string | null): Promise<void> => {
  const feed = inspectionFeed(
    {
      store,
      journal: layout.journal,
      clock: systemClock,
      machines: durableMachines(),
      target,
      from: 'start',
    },
    { once: true, signal: new AbortController().signal },
  )
  for await (const frame of feed) {
    await printAnswer(true, async () => ({ json: capFrame(frame), text: '' }))
    if (process.stdout.writableNeedDrain)
      await new Promise((resolve) => process.stdout.once('drain', resolve))
  }
}

const serve = async (
  { store, layout }: System,
  target: string | null,
  { port, json }: InspectOptions,
): Promise<void> => {
  // One task is told from its beginning, a whole system from now on.
  const server = await serveInspection({
    store,
    layout,
    port,
    target,
    from: target === null ? 'now' : 'start',
  })
  const facts = { url: server.url, port: server.port, target }
  await printAnswer(json, async () => ({
    json: facts,
    text: `${target ?? layout.root}: inspection feed at ${server.url}; Ctrl-C ends it`,
  }))
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await server.close()
}

/** @throws UsageError for what is no actor. */
const targetOf = async ({ store, layout }: System, subject: string): Promise<string> => {
  const run = RunId.safeParse(subject)
  const id = run.success
    ? ((await findRunTask(store, run.data))?.id ?? pastTask(layout.runs, run.data))
    : subject
  if (id !== null && (await store.loadActor(id)) !== null) return id
  throw new UsageError(
    `no run, task, review or gate ${quoted(subject)}; \`oc-supervise runs list\` shows those that were started`,
  )
}

/** The task of a run that it has left behind. */
const pastTask = (runs: string, id: RunId): string | null => {
  const evidence = readRun(runs, id)
  return evidence.ok ? evidence.summary.task.id : null
}
