import type { ChildRecord } from '../../src/contracts/status.ts'

const LONGEST_MS = 15_000
const SHORTEST_MS = 250

/**
 * How often status.json is written even if nothing changes, in ms: a third of the shortest time after which a child's
 * proof is stale, and at least every 15 s. `status` takes a file three times as old for the work of a supervisor that hangs.
 */
export const statusRefreshMs = (children: readonly Pick<ChildRecord, 'heartbeatStaleAfterMs'>[]): number => {
  const shortestMs = Math.min(3 * LONGEST_MS, ...children.map((child) => child.heartbeatStaleAfterMs))
  return Math.max(SHORTEST_MS, shortestMs / 3)
}
