import { BoardState } from '../../contracts/task.ts'
import { randomHex } from '../../platform/random.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import type { StateOptions } from '../compose/select-state.ts'
import type { Answer } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import { existingTask, person, withBoard } from './board-session.ts'

/** `task move`: moves the card by compare-and-set and tells the task's actor in the same transaction. */
export const moveTask = (
  id: string,
  state: string,
  options: StateOptions & { reason: string },
): Promise<Answer> =>
  withBoard(options, async (session) => {
    const to = BoardState.safeParse(state)
    if (!to.success)
      throw new UsageError(`${quoted(state)} is not a state; use one of ${BoardState.options.join(', ')}`)
    const task = await existingTask(session.board, id)
    const actor = await session.store.loadActor(id)
    const key = `cli/${randomHex(16)}`
    const event = { type: 'MOVED', to: to.data }
    const hears = actor !== null && actor.status !== 'done'
    const result = await session.board.move({
      taskId: id,
      from: [task.state],
      to: to.data,
      phase: null,
      reason: options.reason,
      key,
      by: person(),
      attemptStopped: task.state !== 'Running',
      ...(hears ? { tell: { id: key, actor: id, queue: actor.queue, event, start: null } } : {}),
    })
    if (!result.moved) throw new RefusedError(result.refusal, `${id}: ${result.why}`)
    if (hears) ringDoorbell(session.layout.doorbell(actor.queue))
    ringDoorbell(session.layout.doorbell(task.spec.kind))
    return { json: { id, state: to.data }, text: `${id} is ${to.data}` }
  })
