import type { TaskContext } from '../../../machines/durable/task-context.ts'
import type { Board } from '../../board/board.ts'
import type { ActorRow } from '../../contracts/store.ts'
import type { Store } from '../../durable/store.ts'
import type { Clock } from '../../platform/clock.ts'
import { findFollowUps } from '../lane/find-follow-ups.ts'
import { allActors } from '../look/all-actors.ts'
import { contextOf, type Standing, standingOf, stateOf } from './actor-standing.ts'

/** Whose waiting rows are looked at beside the lanes'. */
const SUPERVISOR_QUEUE = 'supervisor'

/** Where all unfinished work stands. */
export interface Progress {
  /** Whether a lane that is on could claim a task now, or is about to add one. */
  readonly eligible: boolean
  /** Whether events wait that nobody has handled yet. */
  readonly waitingEvents: boolean
  /** Unfinished actors with how they stand. */
  readonly actors: ReadonlyArray<{
    readonly row: ActorRow
    readonly standing: Standing
    /** The lane that would take it further and is off; null or absent where none is missing. */
    readonly missing?: string | null
  }>
}

/**
 * Reads how far everything is. An actor at rest that still has an unfinished effect (a comment to post, a card to move)
 * counts as moving. One whose lane is off moves no more until a person adds the lane, whatever it waits for.
 */
export const readProgress = async (ports: {
  readonly store: Store
  readonly board: Board
  readonly clock: Clock
  /** Lanes that are on. */
  readonly lanes: readonly string[]
  /** Lanes that run, those included that left the manifest and go on until they hold nothing. */
  readonly running: readonly string[]
}): Promise<Progress> => {
  const { store, board, clock, lanes } = ports
  const served = new Set([...lanes, ...ports.running, SUPERVISOR_QUEUE])
  const eligible = await Promise.all(lanes.map((lane) => store.hasEligible('task', lane, 'Ready')))
  const waiting = await Promise.all([...served].map((queue) => store.hasWaiting(queue)))
  const busy = new Set(await store.busyActors())
  const actors: { row: ActorRow; standing: Standing; missing: string | null }[] = []
  for await (const row of unfinishedActors(store)) {
    const standing = standingOf(row)
    const isBusy = busy.delete(row.id) && standing !== 'stuck'
    const next = isBusy || served.has('review') ? row.queue : await nextLane(store, row)
    const missing = served.has(next) || atRest(row, standing) ? null : next
    actors.push({ row, standing: missing !== null ? 'waits_person' : isBusy ? 'moving' : standing, missing })
  }
  const followUps = lanes.includes('improve')
    ? await findFollowUps({ store, board, nowMs: clock.wallMs() })
    : []
  return {
    eligible: eligible.includes(true) || followUps.length > 0,
    // Whoever is left has ended, but not yet moved its card or said its last word.
    waitingEvents: waiting.includes(true) || busy.size > 0,
    actors,
  }
}

/** Whose turn it is: that of the actor's own lane, or of the one that has to take up, or take back, the review it waits for. */
const nextLane = async (store: Store, row: ActorRow): Promise<string> => {
  const state = row.machine === 'task' ? stateOf(row) : null
  if (state !== 'inReview' && state !== 'withdrawing') return row.queue
  const { reviewId } = contextOf<TaskContext>(row)
  const review = reviewId === null ? null : await store.loadActor(reviewId)
  // A review that a lane took up before it went off stands for itself, unless its task goes on asking for it back.
  const isOpen = state === 'withdrawing' && review?.status !== 'done'
  return reviewId !== null && (review === null || isOpen) ? 'review' : row.queue
}

/** A refused or Blocked task has its own word for a person, lane or no lane. */
const atRest = (row: ActorRow, standing: Standing): boolean =>
  standing === 'stuck' || (row.machine === 'task' && stateOf(row) === 'blocked')

/** A refused actor stands where it stood: it needs a person, and is anything but finished. */
async function* unfinishedActors(store: Store): AsyncGenerator<ActorRow> {
  yield* allActors(store, { status: 'active' })
  yield* allActors(store, { status: 'refused' })
}
