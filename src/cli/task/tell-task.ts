import type { Board } from '../../board/board.ts'
import type { InboxRow } from '../../contracts/store.ts'
import type { BoardState } from '../../contracts/task.ts'
import { randomHex } from '../../platform/random.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import type { Answer } from '../print/print-answer.ts'
import { RefusedError } from '../report-error.ts'
import { type BoardSession, existingTask, person, withBoard } from './board-session.ts'

/** What each verb means for a task that nobody has claimed: its card is moved. */
const UNCLAIMED: Readonly<Record<'cancel' | 'retry', BoardState>> = { cancel: 'Cancelled', retry: 'Ready' }

/** `task cancel` and `task retry`: an event for the task's actor, or a move of a card nobody has claimed. */
export const tellTask = (id: string, verb: 'cancel' | 'retry', options: StateOptions): Promise<Answer> =>
  withBoard(options, async (session) => {
    const task = await existingTask(session.board, id)
    const told = await tell(session, id, { type: verb.toUpperCase(), by: person().name })
    if (told !== null) return told
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
    return { json: { id, state: result.task.state }, text: `${id} is ${result.task.state}` }
  })

/** `task answer`. @throws RefusedError where the task has no actor that could hear it. */
export const answerTask = (id: string, text: string, options: StateOptions): Promise<Answer> =>
  withBoard(options, async (session) => {
    await existingTask(session.board, id)
    const told = await tell(session, id, { type: 'ANSWER', by: person().name, text })
    if (told !== null) return told
    throw new RefusedError('asks_nothing', `${id} was never claimed, so it asks nothing`)
  })

/** Leaves one event for the task's actor; null where there is none that could take it. */
const tell = async (
  { store, layout }: Pick<BoardSession, 'store' | 'layout'> & { readonly board: Board },
  id: string,
  event: InboxRow['event'],
): Promise<Answer | null> => {
  const actor = await store.loadActor(id)
  if (actor === null || actor.status === 'done') return null
  await store.enqueue({ id: `cli/${randomHex(16)}`, actor: id, queue: actor.queue, event, start: null })
  ringDoorbell(layout.doorbell(actor.queue))
  const { message, consumer } = whoConsumes(layout, actor.queue)
  return { json: { id, told: event.type, consumer }, text: `${id} is told ${event.type}; ${message}` }
}
