import { FAILURE_CLASSES, FailureClass } from '../../contracts/failure.ts'
import { AttemptId, GateId, Key, ReviewId, RunId, TaskId } from '../../contracts/ids.ts'
import { nearest } from '../../manifest/nearest.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { existingLayout, type System, withSystem } from '../look/with-system.ts'
import type { Answer } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'
import { explainActor } from './explain-actor.ts'
import { explainAttempt } from './explain-attempt.ts'
import { explainChild } from './explain-child.ts'
import { explainClass } from './explain-class.ts'
import { explainRun } from './explain-run.ts'
import { explainTask } from './explain-task.ts'
import { type Explanation, explanationAnswer } from './explanation.ts'

/** `explain`: an id, a child, or a class of failure. @throws UsageError where it is none of them. */
export const explainSubject = async (subject: string, options: StateOptions): Promise<Answer> => {
  const failureClass = FailureClass.safeParse(subject)
  if (failureClass.success) return explainClass(failureClass.data)
  const row = ROWS.find(({ id }) => id.safeParse(subject).success)
  // A child may be called like an id (`run-tests`), so an id that nobody knows is looked for among the children too.
  const found =
    (row === undefined ? null : await withSystem(options, (system) => row.explain(system, subject))) ??
    (Key.safeParse(subject).success ? await explainChild(await layoutFor(subject, options), subject) : null)
  if (found !== null) return explanationAnswer(found)
  throw new UsageError(
    row === undefined ? notKnown(subject) : `no ${row.noun} ${quoted(subject)}; ${row.list}`,
  )
}

interface Row {
  readonly id: { safeParse(value: unknown): { success: boolean } }
  readonly noun: string
  readonly list: string
  readonly explain: (system: System, id: string) => Promise<Explanation | null>
}

const actorOf =
  (machine: string): Row['explain'] =>
  async (system, id) => {
    const row = await system.store.loadActor(id)
    return row?.machine === machine ? explainActor(system, row) : null
  }

const RUNS = '`oc-supervise runs list` shows all'

const ROWS: readonly Row[] = [
  { id: TaskId, noun: 'task', list: '`oc-supervise task list` shows all', explain: explainTask },
  { id: RunId, noun: 'run', list: RUNS, explain: (system, id) => explainRun(system, RunId.parse(id)) },
  {
    id: GateId,
    noun: 'gate',
    list: '`oc-supervise gate list` shows the open ones',
    explain: actorOf('gate'),
  },
  {
    id: ReviewId,
    noun: 'review',
    list: 'a review is named like its task: explain the task',
    explain: actorOf('review'),
  },
  {
    id: AttemptId,
    noun: 'attempt',
    list: `\`oc-supervise runs show RUN\` shows those of a run; ${RUNS}`,
    explain: (system, id) => explainAttempt(system, AttemptId.parse(id)),
  },
]

/** A slip in the name of a class should be told even where no system is. */
const layoutFor = async (subject: string, options: StateOptions) => {
  if (nearest(subject, FAILURE_CLASSES) === null) return existingLayout(options)
  return existingLayout(options).catch(() => {
    throw new UsageError(notKnown(subject))
  })
}

const notKnown = (subject: string): string => {
  const guess = nearest(subject, FAILURE_CLASSES)
  const meant = guess === null ? '' : `did you mean ${guess}? `
  return `${quoted(subject)} is no id, no child and no class of failure; ${meant}ids begin with task-, run-, att-, gate- or review-, and \`oc-supervise status\` names the children`
}
