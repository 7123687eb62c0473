import type { Board } from '../../board/board.ts'
import type { BoardState, BoardTask } from '../../contracts/task.ts'
import { allCards } from '../look/all-cards.ts'
import type { RunTally } from './decide-idle.ts'
import type { RunReporter } from './run-reporter.ts'
import { type TaskWaits, tallyOf } from './tally.ts'

/** States in which a task is at work, or has stopped on its way; each is looked at. */
const WATCHED: readonly BoardState[] = ['Running', 'Review', 'Blocked']

const ENDED: readonly BoardState[] = ['Done', 'Blocked', 'Cancelled']

/** Follows the tasks this run has to do with, and tells of every change. */
export interface TaskFeed {
  look(): Promise<void>
  /** How the tasks stand that this run claimed, adopted or resumed, given where their actors stand. */
  tally(waits: TaskWaits): RunTally
  tasks(): readonly BoardTask[]
}

/**
 * Creates the feed. A task counts for this run once it was seen at work; one that was Blocked when we came and stays so
 * does not.
 */
export const createTaskFeed = ({
  board,
  reporter,
  onEnd,
}: {
  readonly board: Board
  readonly reporter: RunReporter
  /** A task came to an end while we looked, for now or for good. */
  readonly onEnd: () => void
}): TaskFeed => {
  const seen = new Map<string, BoardTask>()
  const ours = new Set<string>()
  let isFirst = true

  const note = (task: BoardTask): void => {
    const before = seen.get(task.spec.id)
    if (before?.version === task.version) return
    seen.set(task.spec.id, task)
    if (!isFirst || task.state !== 'Blocked') ours.add(task.spec.id)
    if (!isFirst && before?.state !== task.state && ENDED.includes(task.state)) onEnd()
    if (before?.state !== task.state || before.reason !== task.reason) reporter.task(task, before ?? null)
  }

  const look = async (): Promise<void> => {
    const listed = new Set<string>()
    for (const state of WATCHED)
      for await (const task of allCards(board, { state })) {
        listed.add(task.spec.id)
        note(task)
      }
    // Whoever is on none of those lists any more has come to an end, or was moved back.
    for (const [id, task] of seen) {
      if (listed.has(id) || !WATCHED.includes(task.state)) continue
      const now = await board.get(id)
      if (now !== null) note(now)
    }
    isFirst = false
  }

  return {
    look,
    tally: (waits) =>
      tallyOf(
        [...ours].flatMap((id) => seen.get(id) ?? []),
        waits,
      ),
    tasks: () => [...seen.values()],
  }
}
