import type { ChildSpec, GroupSpec } from '../../src/contracts/child-spec.ts'
import { backoffBoundMs } from './decide-backoff.ts'

/** An unintended death of one child, as the limits see it. */
export interface CountedDeath {
  readonly child: string
  readonly agoMs: number
}

/** Whether another restart is allowed, and how many are left in the window after it. */
export interface LimitVerdict {
  readonly exceeded: boolean
  readonly left: number
}

/** How many children of a group must fail within the window before the group itself is said to fail. */
export const GROUP_NEEDS_CHILDREN = 3

/**
 * The window in ms over which a child's restarts are counted. It is never shorter than twice the delays inside it:
 * otherwise the counter forgets while the child waits, and a crash loop goes on for ever.
 */
export const limitWindowMs = (spec: Pick<ChildSpec, 'restartLimit' | 'backoff'>): number => {
  let delaysMs = 0
  for (let n = 1; n <= spec.restartLimit.max; n += 1) delaysMs += backoffBoundMs(n, spec.backoff)
  return Math.max(spec.restartLimit.withinMs, 2 * delaysMs)
}

/**
 * The budget of one child: more than `max` unintended deaths within its window exceed it.
 * OTP's budget is per supervisor; here per child, because one bad child must not stop its neighbours.
 */
export const decideChildLimit = (
  spec: Pick<ChildSpec, 'id' | 'restartLimit' | 'backoff'>,
  deaths: readonly CountedDeath[],
): LimitVerdict => {
  const windowMs = limitWindowMs(spec)
  const counted = deaths.filter((death) => death.child === spec.id && death.agoMs <= windowMs).length
  return { exceeded: counted > spec.restartLimit.max, left: Math.max(0, spec.restartLimit.max - counted) }
}

/** The budget of a group: exceeded only when at least three distinct children share in more than `max` deaths. */
export const decideGroupLimit = (
  group: Pick<GroupSpec, 'restartLimit'>,
  members: readonly string[],
  deaths: readonly CountedDeath[],
): LimitVerdict => {
  const counted = deaths.filter(
    (death) => members.includes(death.child) && death.agoMs <= group.restartLimit.withinMs,
  )
  const children = new Set(counted.map((death) => death.child)).size
  return {
    exceeded: counted.length > group.restartLimit.max && children >= GROUP_NEEDS_CHILDREN,
    left: Math.max(0, group.restartLimit.max - counted.length),
  }
}
