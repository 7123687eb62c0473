import type { TaskContext } from '../../../machines/durable/task-context.ts'
import { contextOf } from './actor-standing.ts'
import type { Progress } from './read-progress.ts'

/** Tells of every attempt after a task's first and why it is made, and of every wait for a quota, money or a window. */
export const attemptNews = (tell: (text: string) => void): ((progress: Progress) => void) => {
  const known = new Map<string, { attemptNo: number; deferred: number }>()
  return ({ actors }) => {
    for (const { row } of actors.filter((each) => each.row.machine === 'task')) {
      const context = contextOf<TaskContext>(row)
      const before = known.get(row.id)
      known.set(row.id, { attemptNo: context.attemptNo, deferred: context.deferred })
      if (before === undefined) continue
      if (before.deferred < context.deferred) tell(`${row.id}  put off for ${waitOf(context)}`)
      if (before.attemptNo < context.attemptNo && context.attemptNo > 1)
        tell(`${row.id}  attempt ${context.attemptNo}${reasonOf(context)}`)
    }
  }
}

const waitOf = ({ deferralMs, settled }: TaskContext): string => {
  const minutes = Math.ceil(deferralMs / 60_000)
  const why = settled?.failure?.reason ?? 'the agent is not to be had now'
  return `${minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`}: ${why}`
}

const reasonOf = ({
  agentNo,
  decision,
  deferred,
  interrupted,
  revision,
  priorFailures,
}: TaskContext): string => {
  const standIn = decision?.fallbacks[agentNo - 1]
  if (standIn !== undefined) return `: ${standIn.agent} stands in for ${decision?.agent}`
  if (deferred > 0) return ': the wait is over; it does not count'
  if (interrupted > 0) return ': the last one was interrupted from outside, which does not count'
  if (revision !== null) return ': the review asks for a revision'
  const failure = priorFailures.at(-1)?.failure
  return failure === undefined ? '' : `, told that the last one failed: ${failure.class}`
}
