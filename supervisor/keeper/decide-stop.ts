import type { StopReason } from '../../src/contracts/agent-run.ts'
import type { KeeperSpec } from '../../src/contracts/keeper.ts'

/** What a keeper knows of its agent at one moment. All times on the monotonic clock, which stands still in a suspend. */
export interface KeeperFacts {
  readonly nowMs: number
  readonly startedMs: number
  /** When stdout or stderr was last seen to have grown. */
  readonly grownMs: number
  readonly outputBytes: number
  readonly memoryBytes: number
  /** Since when the owner is proved gone; null while it is not. */
  readonly ownerGoneMs: number | null
  /** The owner (or a SIGTERM) asked for a stop. */
  readonly asked: StopReason | null
}

type Limits = KeeperSpec['limits']

interface Ceiling {
  readonly reason: StopReason
  /** How long until it is reached, in ms; 0 or less where it is, null where time does not bring it. */
  readonly leftMs: (limits: Limits, facts: KeeperFacts) => number | null
}

const overflow = (used: number, limit: number | null): number | null =>
  limit !== null && used > limit ? 0 : null

/** In the order in which they are asked: the first that is reached gives the reason. */
const CEILINGS: readonly Ceiling[] = [
  { reason: 'memory', leftMs: (limits, facts) => overflow(facts.memoryBytes, limits.memoryBytes) },
  { reason: 'output', leftMs: (limits, facts) => overflow(facts.outputBytes, limits.outputBytes) },
  { reason: 'wall_clock', leftMs: (limits, facts) => facts.startedMs + limits.wallClockMs - facts.nowMs },
  {
    reason: 'idle',
    leftMs: (limits, facts) => (limits.idleMs === null ? null : facts.grownMs + limits.idleMs - facts.nowMs),
  },
  {
    reason: 'orphaned',
    leftMs: (limits, facts) =>
      facts.ownerGoneMs === null ? null : facts.ownerGoneMs + limits.orphanTimeoutMs - facts.nowMs,
  },
]

/** Why the agent must be stopped now; null where it may go on. */
export const decideStop = (limits: Limits, facts: KeeperFacts): StopReason | null =>
  facts.asked ?? CEILINGS.find((ceiling) => isReached(ceiling.leftMs(limits, facts)))?.reason ?? null

/** How long a keeper may sleep before it must look again: at most `longestMs`, less where a time limit comes first. */
export const nextLookMs = (limits: Limits, facts: KeeperFacts, longestMs: number): number => {
  const left = CEILINGS.map((ceiling) => ceiling.leftMs(limits, facts)).filter((ms) => ms !== null)
  return Math.max(1, Math.min(longestMs, ...left))
}

const isReached = (leftMs: number | null): boolean => leftMs !== null && leftMs <= 0
