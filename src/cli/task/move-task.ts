import { BoardState } from '../../contracts/task.ts'
import { randomHex } from '../../platform/random.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import type { StateOptions } from '../compose/select-state.ts'
import type { Answer } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import { existingTask, person, withBoard } from './board-session.ts'
import { tell } from './tell-task.ts'

/** `task move`: moves the card by compare-and-set, then tells the task's actor, which follows. */
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
    const result = await session.board.move({
      taskId: id,
      from: [task.state],
      to: to.data,
      phase: null,
      reason: options.reason,
      key: `cli/${randomHex(8)}`,
      by: person(),
      attemptStopped: task.state !== 'Running',
    })
    if (!result.moved) throw new RefusedError(result.refusal, `${id}: ${result.why}`)
    await tell(session, id, { type: 'MOVED', to: to.data })
    ringDoorbell(session.layout.doorbell(task.spec.kind))
    return { json: { id, state: to.data }, text: `${id} is ${to.data}` }
  })
