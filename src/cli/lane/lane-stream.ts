import type { IncarnationId } from '../../contracts/ids.ts'
import type { Instant } from '../../contracts/instant.ts'
import type { JsonValue } from '../../contracts/json.ts'
import type { LaneName } from '../../contracts/lane-name.ts'
import type { Heartbeat, StreamHead } from '../../contracts/liveness.ts'
import type { Store } from '../../durable/store.ts'
import { systemClock } from '../../platform/clock.ts'

/** The lane's own stream (`lane-goal`): what this incarnation did there, and how far it has come in all. */
export interface LaneStream {
  /** The last event that this incarnation committed; what its nonce answers name. */
  head(): StreamHead
  /** Journals one fact of the lane itself: started, claimed, stopped. */
  append(type: string, data: JsonValue): Promise<void>
  /** One turn of an actor was committed. */
  noteTurn(): void
  progress(): Heartbeat['progress']
}

/** Opens the stream and journals that this incarnation has started. */
export const openLaneStream = async (
  store: Store,
  lane: LaneName,
  incarnation: IncarnationId,
): Promise<LaneStream> => {
  const stream = `lane-${lane}`
  let head = await store.appendLaneEvent(stream, incarnation, 'started', { incarnation })
  let events = 1
  let at: Instant = systemClock.now()
  const moved = (): void => {
    events += 1
    at = systemClock.now()
  }
  return {
    head: () => head,
    append: async (type, data) => {
      head = await store.appendLaneEvent(stream, incarnation, type, data)
      moved()
    },
    noteTurn: moved,
    progress: () => ({ at, events }),
  }
}
