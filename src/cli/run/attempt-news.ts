import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { contextOf } from './actor-standing.ts'
import type { Progress } from './read-progress.ts'

/** Tells of every attempt after a task's first, and why it is made. */
export const attemptNews = (tell: (text: string) => void): ((progress: Progress) => void) => {
  const known = new Map<string, number>()
  return ({ actors }) => {
    for (const { row } of actors.filter((each) => each.row.machine === 'task')) {
      const context = contextOf<TaskContext>(row)
      const before = known.get(row.id)
      known.set(row.id, context.attemptNo)
      if (before === undefined || before >= context.attemptNo || context.attemptNo < 2) continue
      tell(`${row.id}  attempt ${context.attemptNo}${reasonOf(context)}`)
    }
  }
}

const reasonOf = ({ interrupted, revision, priorFailures }: TaskContext): string => {
  if (interrupted > 0) return ': the last one was interrupted from outside, which does not count'
  if (revision !== null) return ': the review asks for a revision'
  const failure = priorFailures.at(-1)?.failure
  return failure === undefined ? '' : `, told that the last one failed: ${failure.class}`
}
