import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../../durable/store.ts'
import { questionOf } from './question-of.ts'

/** The question of a task that wants an answer still: none where one was left that nobody has taken up yet. */
export const openQuestion = async (store: Store, task: ActorRow | null): Promise<string | null> => {
  const question = questionOf(task)
  if (task === null || question === null) return null
  const left = await store.waitingEvents(task)
  return left.some(({ event }) => event.type === 'ANSWER') ? null : question
}
