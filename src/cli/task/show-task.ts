import type { StateOptions } from '../compose/select-state.ts'
import { openQuestion } from '../look/open-question.ts'
import { untakenOf } from '../look/untaken-of.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatFacts } from '../print/print-table.ts'
import { stateOf } from '../run/actor-standing.ts'
import { existingTask, withBoard } from './board-session.ts'
import { taskJson } from './list-tasks.ts'

/** `task show`: one task with what it waits for and what was said about it. */
export const showTask = (id: string, options: StateOptions): Promise<Answer> =>
  withBoard(options, async (session) => {
    const { board, store } = session
    const task = await existingTask(board, id)
    const [waits, comments, actor] = await Promise.all([
      board.waitingFor(id),
      board.comments(id),
      store.loadActor(id),
    ])
    const { spec } = task
    const step = actor === null ? null : stateOf(actor)
    const question = await openQuestion(store, actor)
    const untaken = actor === null ? null : await untakenOf(session, actor)
    const facts = formatFacts([
      ['task', id],
      ['title', spec.title],
      ['state', task.phase === null ? task.state : `${task.state} (${task.phase})`],
      ['step', step],
      ['reason', task.reason === '' ? null : task.reason],
      ['asks', question === null ? null : `${question}: oc-supervise task answer ${id} --text TEXT`],
      ['told', untaken === null ? null : `${untaken.what}; ${untaken.who}`],
      ['repository', spec.repo],
      ['kind, type', `${spec.kind}, ${spec.type}, risk ${spec.risk}, priority ${spec.priority}`],
      ['scope', spec.allowedPaths.length === 0 ? null : spec.allowedPaths.join(', ')],
      [
        'waits for',
        waits.length === 0
          ? null
          : waits.map((each) => `${each.taskId} (${each.state ?? 'unknown'})`).join(', '),
      ],
      ['goal', spec.goal.trimEnd()],
      ['constraints', spec.constraints?.trimEnd() ?? null],
      ...comments.map((comment): [string, string] => [comment.by, comment.text]),
    ])
    return {
      json: {
        ...taskJson(task, question),
        untaken: untaken?.what ?? null,
        spec,
        step,
        waitsFor: waits,
        comments,
      },
      text: facts,
    }
  })
