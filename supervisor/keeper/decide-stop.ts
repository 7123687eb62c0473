import type { StopReason } from '../../src/contracts/agent-run.ts'
import type { KeeperSpec } from '../../src/contracts/keeper.ts'
import type { MeterReading } from '../../src/contracts/meter.ts'

/** What a keeper knows of its agent at one moment. All times on the monotonic clock, which stands still in a suspend. */
export interface KeeperFacts {
  readonly nowMs: number
  readonly startedMs: number
  /** When stdout or stderr was last seen to have grown. */
  readonly grownMs: number
  readonly outputBytes: number
  readonly memoryBytes: number
  readonly processes: number
  /** How much the measured folders have grown. */
  readonly grownDiskBytes: number
  /** What its stream says; null where nothing reads it. */
  readonly meter: {
    readonly reading: MeterReading
    readonly toolSinceMs: number | null
    readonly fuel: number | null
    readonly terminalMs: number | null
  } | null
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

const tokensOf = (reading: MeterReading | undefined): number =>
  reading === undefined ? 0 : reading.inputTokens + reading.outputTokens

/** Before its first output its boot limit counts alone, where it has one. */
const waitsForBoot = (limits: Limits, { outputBytes }: KeeperFacts): boolean =>
  limits.bootMs !== null && outputBytes === 0

/** In the order in which they are asked: the first that is reached gives the reason. */
const CEILINGS: readonly Ceiling[] = [
  { reason: 'memory', leftMs: (limits, facts) => overflow(facts.memoryBytes, limits.memoryBytes) },
  { reason: 'processes', leftMs: (limits, facts) => overflow(facts.processes, limits.processes) },
  { reason: 'disk', leftMs: (limits, facts) => overflow(facts.grownDiskBytes, limits.diskBytes) },
  { reason: 'budget', leftMs: (limits, { meter }) => overflow(meter?.reading.usd ?? 0, limits.usd) },
  { reason: 'tokens', leftMs: (limits, { meter }) => overflow(tokensOf(meter?.reading), limits.tokens) },
  { reason: 'turns', leftMs: (limits, { meter }) => overflow(meter?.reading.turns ?? 0, limits.turns) },
  { reason: 'fuel', leftMs: (_limits, { meter }) => ((meter?.fuel ?? 1) <= 0 ? 0 : null) },
  { reason: 'output', leftMs: (limits, facts) => overflow(facts.outputBytes, limits.outputBytes) },
  { reason: 'wall_clock', leftMs: (limits, facts) => facts.startedMs + limits.wallClockMs - facts.nowMs },
  {
    reason: 'lingering',
    leftMs: (limits, { meter, nowMs }) =>
      meter?.terminalMs == null ? null : meter.terminalMs + limits.afterTerminalMs - nowMs,
  },
  {
    reason: 'boot',
    leftMs: (limits, facts) =>
      limits.bootMs === null || facts.outputBytes > 0 ? null : facts.startedMs + limits.bootMs - facts.nowMs,
  },
  {
    reason: 'tool',
    leftMs: (limits, { meter, nowMs }) =>
      limits.toolMs === null || meter?.toolSinceMs == null ? null : meter.toolSinceMs + limits.toolMs - nowMs,
  },
  {
    reason: 'idle',
    leftMs: (limits, facts) =>
      limits.idleMs === null || waitsForBoot(limits, facts) || facts.meter?.toolSinceMs != null
        ? null
        : facts.grownMs + limits.idleMs - facts.nowMs,
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
