import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { followUpOf } from '../../autonomy/triage.ts'
import type { Board } from '../../board/board.ts'
import type { TaskSpec } from '../../contracts/task.ts'
import type { Store } from '../../durable/store.ts'
import { allCards } from '../look/all-cards.ts'
import { contextOf } from '../run/actor-standing.ts'

/** The follow-ups that Blocked tasks lead to and that are not on the board yet; the same for whoever asks. */
export const findFollowUps = async (ports: {
  readonly board: Board
  readonly store: Pick<Store, 'loadActor'>
  readonly nowMs: number
}): Promise<TaskSpec[]> => {
  const { board, store, nowMs } = ports
  const found: TaskSpec[] = []
  for await (const { spec } of allCards(board, { state: 'Blocked', kind: 'goal' })) {
    const actor = await store.loadActor(spec.id)
    const blocked = actor === null ? null : contextOf<TaskContext>(actor).blocked
    const followUp = blocked === null ? null : followUpOf(spec, blocked, nowMs)
    if (followUp !== null && (await board.get(followUp.id)) === null) found.push(followUp)
  }
  return found
}
