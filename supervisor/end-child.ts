import type { Asked } from '../machines/live/child-events.ts'
import type { LiveChild } from './live-child.ts'

export interface EndOptions {
  /** Skip the grace. */
  readonly force: boolean
  readonly reason: string
  /** For `sibling`: the child whose death takes this one down. */
  readonly takenDownBy?: string
}

/** Asks the machine to end a child; what it is in decides how. */
export const endChild = (child: LiveChild, asked: Exclude<Asked, 'none'>, options: EndOptions): void => {
  child.takenDownBy = options.takenDownBy ?? null
  child.actor.send({ type: 'END_ASKED', asked, force: options.force, reason: options.reason })
}
