import type { TaskContext } from '../../../machines/durable/task-context.ts'
import type { RunId } from '../../contracts/ids.ts'
import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../../durable/store.ts'
import { contextOf } from '../run/actor-standing.ts'
import { allActors } from './all-actors.ts'

/** The task that a run works on now; null where nobody does any more. */
export const findRunTask = async (store: Store, run: RunId): Promise<ActorRow | null> => {
  for await (const row of allActors(store, { machine: 'task' })) {
    if (contextOf<TaskContext>(row).runId === run) return row
  }
  return null
}
