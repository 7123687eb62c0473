import type { ActorRow, InboxRow } from '../../contracts/store.ts'
import type { BoardState } from '../../contracts/task.ts'
import { randomHex } from '../../platform/random.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { openQuestion } from '../look/open-question.ts'
import { untakenOf } from '../look/untaken-of.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import type { Answer } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError } from '../report-error.ts'
import { stateOf } from '../run/actor-standing.ts'
import { type BoardSession, existingTask, person, withBoard } from './board-session.ts'
import { hears } from './hears.ts'
import { movedAnswer } from './moved-answer.ts'

/** What each verb means for a task that nobody has claimed: its card is moved. */
const UNCLAIMED: Readonly<Record<'cancel' | 'retry', BoardState>> = { cancel: 'Cancelled', retry: 'Ready' }

/**
 * `task cancel` and `task retry`: an event for the task's actor, or a move of a card nobody has claimed.
 * @throws RefusedError where nothing would come of it.
 */
export const tellTask = (id: string, verb: 'cancel' | 'retry', options: StateOptions): Promise<Answer> =>
  withBoard(options, async (session) => {
    const task = await existingTask(session.board, id)
    const actor = await session.store.loadActor(id)
    if (actor !== null && actor.status !== 'done')
      return tell(session, actor, { type: verb.toUpperCase(), by: person().name })
    const result = await session.board.move({
      taskId: id,
      from: [task.state],
      to: UNCLAIMED[verb],
      phase: null,
      reason: `${verb} by ${person().name}`,
      key: `cli/${randomHex(8)}`,
      by: person(),
      attemptStopped: true,
    })
    if (!result.moved) throw new RefusedError(result.refusal, `${id}: ${result.why}`)
    ringDoorbell(session.layout.doorbell(task.spec.kind))
    return movedAnswer(session.layout, result.task, null)
  })

export interface AnswerOptions extends StateOptions {
  readonly text: string
  readonly question?: string
}

/**
 * `task answer`.
 * @throws RefusedError where the task asks nothing, or another question than the one that is meant.
 */
export const answerTask = (id: string, { text, question, ...options }: AnswerOptions): Promise<Answer> =>
  withBoard(options, async (session) => {
    await existingTask(session.board, id)
    const actor = await session.store.loadActor(id)
    const open = await openQuestion(session.store, actor)
    if (actor === null || open === null) {
      const left = actor === null ? null : await untakenOf(session, actor)
      const why = left === null ? explain(id) : `${left.what} was left for it, and ${left.who}`
      throw new RefusedError('asks_nothing', `${id} asks nothing now; ${why}`)
    }
    if (question !== undefined && question !== open) {
      throw new RefusedError(
        'other_question',
        `${id} asks ${open} now, not ${quoted(question)}; \`oc-supervise explain ${id}\` shows it`,
      )
    }
    return tell(session, actor, { type: 'ANSWER', by: person().name, text })
  })

const explain = (id: string): string => `\`oc-supervise explain ${id}\` says what it waits for`

/**
 * Leaves one event for the task's actor.
 * @throws RefusedError where its state has no use for the event: nothing would come of it.
 */
const tell = async (
  { store, layout }: BoardSession,
  actor: ActorRow,
  event: InboxRow['event'],
): Promise<Answer> => {
  const { id } = actor
  if (!hears(actor, event)) {
    const verb = event.type.toLowerCase()
    throw new RefusedError(
      'not_now',
      `${id} is at ${stateOf(actor)}, where nothing comes of ${verb}; ${explain(id)}`,
    )
  }
  await store.enqueue({ id: `cli/${randomHex(16)}`, actor: id, queue: actor.queue, event, start: null })
  ringDoorbell(layout.doorbell(actor.queue))
  const { message, consumer } = whoConsumes(layout, actor.queue)
  return { json: { id, told: event.type, consumer }, text: `${id} is told ${event.type}; ${message}` }
}
