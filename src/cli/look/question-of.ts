import { attemptIdOf } from '../../../machines/durable/derive-id.ts'
import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { questionIdOf } from '../../contracts/question-id.ts'
import type { ActorRow } from '../../contracts/store.ts'
import { contextOf, standingOf } from '../run/actor-standing.ts'

/** The id of the question that a task asks a person now; null where it asks nothing. */
export const questionOf = (task: ActorRow | null): string | null => {
  if (task?.machine !== 'task' || standingOf(task) !== 'waits_person') return null
  const { spec, attemptNo } = contextOf<TaskContext>(task)
  return questionIdOf(attemptIdOf(spec.id, attemptNo))
}
