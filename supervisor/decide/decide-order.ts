/** A child's place: its group's order, then its own. Equal places start and stop together. */
export interface Placed {
  readonly id: string
  readonly group: string
  readonly groupOrder: number
  readonly order: number
}

/** Start order within one group, left to right: waves of children of equal `order`. */
export const startWaves = <T extends Placed>(children: readonly T[]): T[][] =>
  waves(children, (child) => child.order)

/** Stop order within one group, right to left. */
export const stopWaves = <T extends Placed>(children: readonly T[]): T[][] =>
  startWaves(children).toReversed()

/**
 * The order in which everything stops: groups of the highest order first, groups of equal order side by side, and
 * within each group its waves right to left.
 */
export const stopPlan = <T extends Placed>(children: readonly T[]): T[][][][] =>
  waves(children, (child) => child.groupOrder)
    .toReversed()
    .map((rank) => [...Map.groupBy(rank, (child) => child.group).values()].map(stopWaves))

/** How long a plan may take in ms: the longest grace of each wave, one wave after the other, groups side by side. */
export const planMs = <T extends Placed>(plan: readonly T[][][][], graceMs: (child: T) => number): number =>
  sum(
    plan.map((rank) =>
      Math.max(0, ...rank.map((group) => sum(group.map((wave) => Math.max(...wave.map(graceMs)))))),
    ),
  )

/** What the gate must know of a neighbour. */
export interface Neighbour extends Placed {
  readonly wanted: 'up' | 'down' | 'paused'
  /** Ready now, or ended as it should. */
  readonly up: boolean
  /** Was ready once in the life of this supervisor. */
  readonly wasUp: boolean
  readonly stopping: boolean
}

/**
 * Which neighbour keeps a child from starting, or null. Every wanted child further left must have been up: once for
 * `one_for_one`, now for the strategies that restart siblings in order. Those two also wait until no sibling that was
 * started later is still stopping. Groups of a lower order must have been up once.
 */
export const startBlocker = (
  child: Placed,
  neighbours: readonly Neighbour[],
  strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one',
): string | null => {
  const blocks = (other: Neighbour): boolean => {
    if (other.id === child.id) return false
    if (other.group !== child.group)
      return other.wanted === 'up' && other.groupOrder < child.groupOrder && !other.wasUp
    const left = other.order < child.order
    if (strategy === 'one_for_one') return left && other.wanted === 'up' && !other.wasUp
    return (
      (other.stopping && (strategy === 'one_for_all' || !left)) ||
      (left && other.wanted === 'up' && !other.up)
    )
  }
  return neighbours.find(blocks)?.id ?? null
}

const waves = <T extends Placed>(children: readonly T[], rank: (child: T) => number): T[][] =>
  [...Map.groupBy(children, rank)].sort(([a], [b]) => a - b).map(([, wave]) => wave)

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
