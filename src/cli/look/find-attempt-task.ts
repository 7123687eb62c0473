import { attemptIdOf } from '../../../machines/durable/derive-id.ts'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import type { AttemptId } from '../../contracts/ids.ts'
import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../../durable/store.ts'
import { contextOf } from '../run/actor-standing.ts'
import { allActors } from './all-actors.ts'

/** The task an attempt was made at; null where no task has made it. */
export const findAttemptTask = async (store: Store, attempt: AttemptId): Promise<ActorRow | null> => {
  const n = Number(/-(\d+)$/.exec(attempt)?.[1] ?? 0)
  for await (const row of allActors(store, { machine: 'task' })) {
    const { spec, attemptNo } = contextOf<TaskContext>(row)
    if (n >= 1 && n <= attemptNo && attemptIdOf(spec.id, n) === attempt) return row
  }
  return null
}
