import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { listRuns as listEvidence } from '../../evidence/read-runs.ts'
import type { RunSummary } from '../../evidence/run-summary.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { allActors } from '../look/all-actors.ts'
import { withSystem } from '../look/with-system.ts'
import type { Colour } from '../print/paint.ts'
import type { Answer } from '../print/print-answer.ts'
import { type Cell, formatTable } from '../print/print-table.ts'
import { oneLine } from '../print/visible.ts'
import { contextOf, standingOf, stateOf } from '../run/actor-standing.ts'

/** A run as lists show it: where its task stands now, and what its evidence says so far. */
interface RunRow {
  readonly id: string
  readonly task: string
  readonly title: string
  readonly repo: string
  /** State of its task's machine; null where only evidence is left of it. */
  readonly state: string | null
  readonly standing: string
  /** What the latest attempt came to; null before the first has ended. */
  readonly status: string | null
  readonly attempts: number
  readonly usd: number | null
  readonly recordedAt: string | null
}

/** `runs list`: runs in flight and runs with evidence, the latest last. */
export const listRuns = (options: StateOptions): Promise<Answer> =>
  withSystem(options, async ({ layout, store }) => {
    const { runs: summaries, problems } = listEvidence(layout.runs)
    const rows = new Map(summaries.map((summary) => [summary.runId as string, rowOf(summary)]))
    for await (const actor of allActors(store, { machine: 'task' })) {
      const { runId, spec, attemptNo } = contextOf<TaskContext>(actor)
      const known = rows.get(runId)
      rows.set(runId, {
        ...(known ?? {
          ...NO_EVIDENCE,
          id: runId,
          task: spec.id,
          title: spec.title,
          repo: spec.repo,
          attempts: attemptNo,
        }),
        state: stateOf(actor),
        standing: standingOf(actor),
      })
    }
    const runs = [...rows.values()].sort(byTime)
    return { json: { runs, problems }, text: [tableOf(runs), ...problems.map(problemLine)].join('\n') }
  })

const NO_EVIDENCE = { status: null, usd: null, recordedAt: null }

const rowOf = ({ runId, task, status, attempts, totals, recordedAt }: RunSummary): RunRow => ({
  id: runId,
  task: task.id,
  title: task.title,
  repo: task.repo,
  state: null,
  standing: 'ended',
  status,
  attempts: attempts.length,
  usd: totals.usd,
  recordedAt,
})

/** By what was recorded last; what has recorded nothing yet is the newest. */
const byTime = (a: RunRow, b: RunRow): number =>
  (a.recordedAt ?? '~').localeCompare(b.recordedAt ?? '~') || a.id.localeCompare(b.id)

const STATUS_COLOURS: Readonly<Record<string, Colour>> = {
  succeeded: 'green',
  failed: 'red',
  refused: 'red',
  interrupted: 'yellow',
  cancelled: 'grey',
}

const tableOf = (runs: readonly RunRow[]): string =>
  runs.length === 0
    ? 'no run yet'
    : formatTable(
        ['run', 'task', 'state', 'latest', 'attempts', 'recorded', 'title'],
        runs.map((run): Cell[] => [
          run.id,
          run.task,
          run.state ?? 'ended',
          { text: run.status ?? '-', colour: STATUS_COLOURS[run.status ?? ''] ?? null },
          `${run.attempts}`,
          run.recordedAt ?? '-',
          run.title,
        ]),
      )

const problemLine = (problem: string): string => `cannot be read: ${oneLine(problem)}`
