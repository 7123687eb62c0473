import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { RunId } from '../../contracts/ids.ts'
import { describeCost } from '../../evidence/describe-cost.ts'
import { type AttemptDetails, type RunDetails, readRun } from '../../evidence/read-runs.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { findRunTask } from '../look/find-run-task.ts'
import { withSystem } from '../look/with-system.ts'
import { duration } from '../print/format-time.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatFacts } from '../print/print-table.ts'
import { oneLine, quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import { contextOf, stateOf } from '../run/actor-standing.ts'

/** `runs show`: one run with its attempts and the files of their evidence. */
export const showRun = (id: string, options: StateOptions): Promise<Answer> =>
  withSystem(options, async ({ layout, store }) => {
    const runId = RunId.safeParse(id).data
    const actor = runId === undefined ? null : await findRunTask(store, runId)
    const details = readRun(layout.runs, id)
    if (!details.ok && details.reason === 'invalid')
      throw new RefusedError('evidence_unreadable', details.message)
    if (!details.ok && actor === null)
      throw new UsageError(`no run ${quoted(id)}; \`oc-supervise runs list\` shows all`)
    const state = actor === null ? null : stateOf(actor)
    if (details.ok) return evidenceOf(details, layout.runDir(id), state)
    const { spec, attemptNo } = contextOf<TaskContext>(actor as NonNullable<typeof actor>)
    return {
      json: { id, task: spec.id, title: spec.title, repo: spec.repo, state, attempts: [], problems: [] },
      text: `${id}: ${state}; no evidence yet, it is at attempt ${attemptNo} of ${spec.id}: ${oneLine(spec.title)}`,
    }
  })

const evidenceOf = (
  { summary, attempts, problems }: RunDetails & { ok: true },
  dir: string,
  state: string | null,
): Answer => {
  const { runId, task, totals, commit, pull } = summary
  const facts = formatFacts([
    ['task', `${task.id}: ${task.title}`],
    ['repo', task.repo],
    ['state', state ?? 'ended'],
    ['latest', `${summary.status}: ${summary.headline}`],
    ['changed', changedText(summary.changedFiles)],
    ['checks', summary.validation.status],
    ['commit', commit?.sha ?? null],
    ['pull', pull === null ? null : `${pull.id} (${pull.state}) ${pull.url}`],
    ['spent', `${duration(totals.durationMs)}, ${describeCost(summary)}`],
    ['folder', dir],
  ])
  return {
    json: { id: runId, state, ...summary, dir, attempts, problems },
    text: [
      `${runId}: ${state ?? 'ended'}`,
      facts,
      ...attempts.map(attemptText),
      ...problems.map((problem) => `cannot be read: ${oneLine(problem)}`),
      `This is what the files say; \`oc-supervise verify ${runId}\` proves it.`,
    ].join('\n\n'),
  }
}

const changedText = ({
  status,
  files,
  linesAdded,
  linesRemoved,
  reason,
}: AttemptDetails['result']['changedFiles']): string => {
  if (status === 'KNOWN')
    return `${files} ${files === 1 ? 'file' : 'files'}, +${linesAdded ?? '?'} -${linesRemoved ?? '?'}`
  return reason === null ? status : `${status}: ${reason}`
}

const attemptText = ({ result, files, dir }: AttemptDetails): string => {
  const { exit, failure, agent, durationMs } = result
  const present = files.flatMap((file) =>
    file.present ? [file.note === null ? file.file : `${file.file} (${file.note})`] : [],
  )
  const absent = files.flatMap((file) => (file.present ? [] : [`${file.file}: ${file.reason}`]))
  const facts = formatFacts([
    [
      'agent',
      agent === null ? null : `${agent.key} (${agent.type})${result.recorded ? ', a recording' : ''}`,
    ],
    ['failure', failure === null ? null : `${failure.class}: ${failure.reason}`],
    [
      'exit',
      exit === null
        ? null
        : `code ${exit.code}, signal ${exit.signal ?? 'none'}${exit.stopReason === null ? '' : `, stopped: ${exit.stopReason}`}`,
    ],
    ['took', durationMs === null ? null : duration(durationMs)],
    ['folder', dir],
    ['files', present.join('\n')],
    ['missing', absent.length === 0 ? null : absent.join('\n')],
  ])
  return `${result.attemptId} (attempt ${result.attempt}): ${result.status}\n${facts}`
}
