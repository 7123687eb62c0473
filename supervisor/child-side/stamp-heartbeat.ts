import type { Heartbeat } from '../../src/contracts/liveness.ts'
import { writeJsonAtomic } from '../../src/platform/atomic-file.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { tryWrite } from '../../src/platform/try-write.ts'
import type { ChildContext } from './read-child-context.ts'

/** What one stamp says beside who and when. */
export type Stamp = Pick<Heartbeat, 'turn' | 'doing' | 'detail' | 'busyUntil' | 'progress'>

const LONGEST_DETAIL = 500

/**
 * Writes the heartbeat of one incarnation. Called by the work loop between turns and before a declared long turn, never
 * by a timer beside the work. Not fsynced: after a crash of the host a heartbeat means nothing.
 */
export const stampHeartbeat = (context: ChildContext, clock: Clock, stamp: Stamp): void => {
  const heartbeat: Heartbeat = {
    v: 1,
    child: context.child,
    incarnation: context.incarnation,
    at: clock.now(),
    ...stamp,
    detail: oneLine(stamp.detail),
  }
  // Where the disk does not take it the child falls silent, and its supervisor sees why.
  tryWrite(() => writeJsonAtomic(context.layout.heartbeat(context.child), heartbeat, { durable: false }))
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, LONGEST_DETAIL)
