import { TaskKind } from '../../contracts/lane-name.ts'
import { BoardState, type BoardTask } from '../../contracts/task.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { allCards } from '../look/all-cards.ts'
import { openQuestion } from '../look/open-question.ts'
import { oneOf } from '../look/option-values.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatTable } from '../print/print-table.ts'
import { withBoard } from './board-session.ts'

export interface ListOptions extends StateOptions {
  readonly state?: string
  readonly kind?: string
}

/** `task list`: every task that fits, paged to the end. */
export const listTasks = (options: ListOptions): Promise<Answer> =>
  withBoard(options, async ({ board, store }) => {
    const state = oneOf('--state', BoardState.options, options.state)
    const kind = oneOf('--kind', TaskKind.options, options.kind)
    const tasks: BoardTask[] = []
    const query = { ...(state === undefined ? {} : { state }), ...(kind === undefined ? {} : { kind }) }
    for await (const task of allCards(board, query)) tasks.push(task)
    // Only what is Blocked can ask anything.
    const asked = new Map<string, string | null>()
    for (const { spec, state } of tasks)
      if (state === 'Blocked') asked.set(spec.id, await openQuestion(store, await store.loadActor(spec.id)))
    const rows = tasks.map((task) => [
      task.spec.id,
      standing(task),
      task.spec.repo,
      task.spec.title,
      [asked.get(task.spec.id) ?? [], task.reason].flat().join(': '),
    ])
    return {
      json: { tasks: tasks.map((task) => taskJson(task, asked.get(task.spec.id) ?? null)) },
      text: tasks.length === 0 ? 'no tasks' : formatTable(['task', 'state', 'repo', 'title', 'reason'], rows),
    }
  })

/** A task as programs get it, with the id of the question that wants an answer. */
export const taskJson = (
  { spec, state, phase, reason, updatedAtMs }: BoardTask,
  question: string | null,
) => ({
  id: spec.id,
  state,
  phase,
  title: spec.title,
  repo: spec.repo,
  kind: spec.kind,
  priority: spec.priority,
  reason,
  question,
  updatedAt: new Date(updatedAtMs).toISOString(),
})

const standing = ({ state, phase }: BoardTask): string => (phase === null ? state : `${state} (${phase})`)
