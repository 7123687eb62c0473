import type { Strategy } from '../../src/contracts/child-spec.ts'
import { type Placed, startWaves, stopWaves } from './decide-order.ts'

/** What one death asks of the group: whom to stop and in which order, then whom to start and in which order. */
export interface StrategyPlan {
  /** Siblings to take down, right to left; never the dead child itself. */
  readonly stop: readonly (readonly string[])[]
  /** The dead child and the siblings taken down, left to right. */
  readonly start: readonly (readonly string[])[]
}

/**
 * OTP: `one_for_one` touches only the dead child, `one_for_all` all of its group, `rest_for_one` those started after it.
 * @param siblings the children of the dead child's group that are up or coming up, itself included or not.
 */
export const decideStrategy = (
  strategy: Strategy,
  dead: Placed,
  siblings: readonly Placed[],
): StrategyPlan => {
  const touched = siblings.filter((sibling) => sibling.id !== dead.id && isTouched(strategy, dead, sibling))
  return {
    stop: stopWaves(touched).map(idsOf),
    start: startWaves([dead, ...touched]).map(idsOf),
  }
}

const isTouched = (strategy: Strategy, dead: Placed, sibling: Placed): boolean =>
  strategy === 'one_for_all' || (strategy === 'rest_for_one' && sibling.order > dead.order)

const idsOf = (wave: readonly Placed[]): string[] => wave.map((child) => child.id)
