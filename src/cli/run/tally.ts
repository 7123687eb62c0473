import type { BoardTask } from '../../contracts/task.ts'
import { stateOf } from './actor-standing.ts'
import type { RunTally } from './decide-idle.ts'
import type { Progress } from './read-progress.ts'

/** What the board does not say of a task: Blocked with a question, or put off until later. */
export interface TaskWaits {
  readonly asking: ReadonlySet<string>
  readonly putOff: ReadonlySet<string>
}

/** Reads it from the tasks' actors. */
export const taskWaits = ({ actors }: Progress): TaskWaits => {
  const tasks = actors.filter(({ row }) => row.machine === 'task')
  const idsOf = (found: typeof tasks) => new Set(found.map(({ row }) => row.id))
  return {
    asking: idsOf(tasks.filter(({ standing }) => standing === 'waits_person')),
    putOff: idsOf(tasks.filter(({ row }) => ['deferred', 'queued'].includes(stateOf(row)))),
  }
}

/** Counts tasks by what is left to do about them. Questions are people; a card that a person put back is theirs. */
export const tallyOf = (tasks: readonly BoardTask[], { asking, putOff }: TaskWaits): RunTally => {
  const count = (wanted: (task: BoardTask) => boolean): number => tasks.filter(wanted).length
  const asks = ({ spec }: BoardTask): boolean => asking.has(spec.id)
  const waits = ({ state, phase }: BoardTask): boolean => state === 'Review' && phase === 'human'
  return {
    done: count(({ state }) => state === 'Done'),
    blocked: count((task) => task.state === 'Blocked' && !asks(task)),
    waitingForPeople: count((task) => waits(task) || (task.state === 'Blocked' && asks(task))),
    unfinished: count(
      (task) =>
        task.state === 'Running' || (task.state === 'Review' && !waits(task)) || putOff.has(task.spec.id),
    ),
  }
}
