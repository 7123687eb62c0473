import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { attemptIdOf } from '../../../machines/durable/derive-id.ts'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { keeperFiles } from '../../../supervisor/keeper/keeper-files.ts'
import { AttemptId, Key, RunId, TaskId } from '../../contracts/ids.ts'
import type { ActorRow } from '../../contracts/store.ts'
import { readRun } from '../../evidence/read-runs.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { findRunTask } from '../look/find-run-task.ts'
import { existingLayout, withSystem } from '../look/with-system.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import { contextOf } from '../run/actor-standing.ts'

/** One file to print. */
export interface LogFile {
  readonly name: string
  readonly path: string
}

/**
 * The files behind a child, a run, a task or an attempt; without any, the supervisor's own decisions.
 * @throws UsageError where nobody is called so, RefusedError where there is no log yet.
 */
export const logFiles = async (subject: string | null, options: StateOptions): Promise<LogFile[]> => {
  const layout = await existingLayout(options)
  if (subject === null || subject === 'supervisor')
    return [{ name: 'supervisor', path: layout.supervisorLog }]
  if (!Key.safeParse(subject).success && !isWork(subject)) throw new UsageError(unknown(layout, subject))
  const own = layout.log(subject)
  if (existsSync(own)) return [{ name: subject, path: own }]
  if (!isWork(subject)) throw new UsageError(unknown(layout, subject))
  const attempt = await attemptOf(subject, layout, options)
  const files = filesOf(layout, attempt)
  if (files.length > 0) return files
  throw new RefusedError('no_log', `${attempt} has no log: no agent was started in it, or its log is gone`)
}

const WORK = [TaskId, RunId, AttemptId]
const isWork = (subject: string): boolean => WORK.some((id) => id.safeParse(subject).success)

/** The attempt whose agent is meant: the one itself, or the latest of a run or task. */
const attemptOf = async (subject: string, layout: StateLayout, options: StateOptions): Promise<AttemptId> => {
  const attempt = AttemptId.safeParse(subject)
  if (attempt.success) return attempt.data
  const run = RunId.safeParse(subject)
  const latest = await withSystem(options, async ({ store }) => {
    const row = run.success ? await findRunTask(store, run.data) : await store.loadActor(subject)
    return row === null ? null : latestOf(row)
  })
  if (latest !== null) return latest
  const recorded = readRun(layout.runs, subject)
  const last = recorded.ok ? recorded.attempts.at(-1) : undefined
  if (last !== undefined) return last.result.attemptId
  if (run.success)
    throw new UsageError(`no attempt of ${quoted(subject)}; \`oc-supervise runs list\` shows all runs`)
  throw new UsageError(`no attempt at ${quoted(subject)}; \`oc-supervise explain ${subject}\` says why`)
}

const latestOf = (row: ActorRow): AttemptId | null => {
  const { spec, attemptNo } = contextOf<TaskContext>(row)
  return attemptNo === 0 ? null : attemptIdOf(spec.id, attemptNo)
}

/** What the agent writes now, while its keeper's folder is there; else what its evidence kept. */
const filesOf = (layout: StateLayout, attempt: AttemptId): LogFile[] => {
  const keeper = keeperFiles(layout.keeperDir(attempt))
  const evidence = evidenceDir(layout, attempt)
  const candidates = [
    [
      { name: `${attempt} output`, path: keeper.stdout },
      { name: `${attempt} errors`, path: keeper.stderr },
    ],
    evidence === null
      ? []
      : [
          { name: `${attempt} output`, path: join(evidence, 'agent_events.ndjson') },
          { name: `${attempt} errors`, path: join(evidence, 'agent_stderr.txt') },
        ],
  ].map((files) => files.filter(({ path }) => existsSync(path)))
  return candidates.find((files) => files.length > 0) ?? []
}

const evidenceDir = (layout: StateLayout, attempt: AttemptId): string | null => {
  const runs = existsSync(layout.runs) ? readdirSync(layout.runs) : []
  const run = runs.find(
    (name) => RunId.safeParse(name).success && existsSync(join(layout.runs, name, attempt)),
  )
  return run === undefined ? null : join(layout.runs, run, attempt)
}

const unknown = (layout: StateLayout, subject: string): string => {
  const logs = existsSync(layout.logs) ? readdirSync(layout.logs) : []
  const children = logs.flatMap((name) => /^(.+)\.log$/.exec(name)?.[1] ?? [])
  return `no log of ${quoted(subject)}; there are logs of: ${[...new Set(['supervisor', ...children])].join(', ')}, and of runs, tasks and attempts`
}
