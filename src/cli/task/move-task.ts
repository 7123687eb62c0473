import { judgeMove, type MoveJudgement } from '../../board/moves.ts'
import type { ActorRow } from '../../contracts/store.ts'
import { BoardState, type BoardTask } from '../../contracts/task.ts'
import { randomHex } from '../../platform/random.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { whoConsumes } from '../look/who-consumes.ts'
import type { Answer } from '../print/print-answer.ts'
import { quoted } from '../print/visible.ts'
import { RefusedError, UsageError } from '../report-error.ts'
import { type BoardSession, existingTask, person, withBoard } from './board-session.ts'
import { movedAnswer } from './moved-answer.ts'

interface Wish {
  readonly to: BoardState
  readonly reason: string
}

/**
 * `task move`: a person's move wins. A card that nobody works on moves at once. Off Running it stays, and cannot be
 * claimed, until the task has stopped its agent, proved it dead and saved its work; then the task moves it.
 */
export const moveTask = (
  id: string,
  state: string,
  options: StateOptions & { reason: string },
): Promise<Answer> =>
  withBoard(options, async (session) => {
    const to = BoardState.safeParse(state)
    if (!to.success)
      throw new UsageError(`${quoted(state)} is not a state; use one of ${BoardState.options.join(', ')}`)
    const wish = { to: to.data, reason: options.reason }
    const task = await existingTask(session.board, id)
    const actor = await session.store.loadActor(id)
    const isEnded = actor?.status === 'done'
    return task.state === 'Running' && !isEnded
      ? askToMove(session, task, wish)
      : moveNow(session, task, isEnded ? null : actor, wish)
  })

/** Moves the card by compare-and-set and tells the task's actor in the same transaction. */
const moveNow = async (
  { board, layout }: BoardSession,
  { spec, state }: BoardTask,
  actor: ActorRow | null,
  { to, reason }: Wish,
): Promise<Answer> => {
  const key = `cli/${randomHex(16)}`
  const event = { type: 'MOVED', to }
  const result = await board.move({
    taskId: spec.id,
    from: [state],
    to,
    phase: null,
    reason,
    key,
    by: person(),
    attemptStopped: true,
    ...(actor === null ? {} : { tell: { id: key, actor: spec.id, queue: actor.queue, event, start: null } }),
  })
  if (!result.moved)
    throw new RefusedError(result.refusal, `${spec.id}: ${result.why}${remedyOf(state, { to, reason })}`)
  if (actor !== null) ringDoorbell(layout.doorbell(actor.queue))
  ringDoorbell(layout.doorbell(spec.kind))
  return movedAnswer(layout, result.task, actor)
}

/** Leaves the wish for the task, which is the only one who can prove that its agent is dead. */
const askToMove = async (
  { store, layout }: BoardSession,
  { spec, state }: BoardTask,
  { to, reason }: Wish,
): Promise<Answer> => {
  const { id, kind } = spec
  const judged = judge(state, { to, reason })
  if (!judged.legal)
    throw new RefusedError('illegal', `${id}: ${judged.why}${remedyOf(state, { to, reason })}`)
  const event = { type: 'MOVE', to, by: person().name, reason }
  await store.enqueue({ id: `cli/${randomHex(16)}`, actor: id, queue: kind, event, start: null })
  ringDoorbell(layout.doorbell(kind))
  const { message, consumer } = whoConsumes(layout, kind)
  return {
    json: { id, state, told: event.type, to, consumer },
    text: `${id} is told; once its agent is stopped and proved dead it is ${to}; ${message}`,
  }
}

const judge = (from: BoardState, { to, reason }: Wish): MoveJudgement =>
  judgeMove({
    ...{ from, to, reason, actor: 'person', phase: null },
    ...{ holdsLease: false, attemptStopped: true },
  })

/** Where nothing is missing but words. */
const remedyOf = (from: BoardState, { to, reason }: Wish): string =>
  reason.trim() === '' && judge(from, { to, reason: 'any' }).legal ? '; give one with --reason TEXT' : ''
