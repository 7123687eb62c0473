import { z } from 'zod'
import { FailureClass } from './failure.ts'
import { AttemptId, Key, RunId, Sha256, TaskId } from './ids.ts'
import { Instant } from './instant.ts'
import { LaneName } from './lane-name.ts'

const count = z.number().int().nonnegative()

/** What an agent was run for. All purposes are paid from one ledger. */
export const SpendPurpose = z.enum(['attempt', 'revision', 'verification', 'recovery'])
export type SpendPurpose = z.infer<typeof SpendPurpose>

/** Tokens and real money. A millionth of a dollar is the unit, so that sums are exact. */
export const SpendAmount = z.object({ tokens: count, usdMicros: count })
export type SpendAmount = z.infer<typeof SpendAmount>

/** How a run ended as far as money goes. `not_started`: reserved, and then nothing was run. */
export const SpendEnding = z.enum(['completed', 'failed', 'interrupted', 'cancelled', 'not_started'])
export type SpendEnding = z.infer<typeof SpendEnding>

/** What a run used up. `estimated`: nobody could tell, so what was reserved counts. */
export const SpendSettlement = SpendAmount.extend({
  /** What a subscription covered, at list price. It uses up no money. */
  coveredUsdMicros: count,
  estimated: z.boolean(),
  /** Its kind of agent never tells what it uses: tokens and money are not known, and are counted as none. */
  uncounted: z.boolean().default(false),
  ending: SpendEnding,
  /** The signal that ended it, where neither its keeper nor anybody of ours had asked. */
  signal: z.string().max(20).nullable().default(null),
})
export type SpendSettlement = z.infer<typeof SpendSettlement>

/** What the attempt came to once its work was checked and published, or was not. */
export const SpendConclusion = z.object({
  result: z.union([z.literal('succeeded'), FailureClass]),
  /** Nothing came of it: the same work is not run again until something changes, or a person asks for it. */
  fruitless: z.boolean(),
  /** When the agent's service serves again, where it told, in UTC ms. */
  retryAtMs: z.number().int().nullable().default(null),
  /** That service said no (a quota, a rate limit); a limit of ours is none of it, nor is the forge's. */
  turnedAway: z.boolean().default(false),
  /** Suppressions it added, tests it weakened and checks it edited, whether they were let through or not. */
  erosion: count.default(0),
})
export type SpendConclusion = z.infer<typeof SpendConclusion>

/** One run of an agent in the ledger: reserved before it, settled after it, concluded when its attempt is recorded. */
export const SpendEntry = z.object({
  /** The attempt's id: an attempt is reserved and settled once, however often it is asked. */
  id: AttemptId,
  task: TaskId,
  run: RunId,
  lane: LaneName,
  repo: Key,
  agent: Key,
  agentVersion: z.string().max(200).nullable(),
  purpose: SpendPurpose,
  /** Hash of everything that could make another run come to something else. */
  signature: Sha256.nullable(),
  /** Counts against every cap until it is settled. */
  reserved: SpendAmount,
  /** Where the agent is stopped; null where no cap applies. */
  limits: z.object({ tokens: count.nullable(), usdMicros: count.nullable() }),
  settled: SpendSettlement.nullable(),
  conclusion: SpendConclusion.nullable(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
})
export type SpendEntry = z.infer<typeof SpendEntry>

/** What a decision about money is based on, read at one moment. */
export interface SpendFacts {
  /** Open ones, those that ended within the window, and all of the task; in the order of their reservation. */
  readonly entries: readonly SpendEntry[]
  /** The latest of the agent in the lane, newest first, for estimates; whatever their age. */
  readonly latest: readonly SpendEntry[]
  /** Rises with every change of the ledger. */
  readonly version: number
}

/** The ledger of the journal. Every method is one command and one transaction, and may be repeated. */
export interface SpendStore {
  /** @param query.windowMs how far back ended entries are wanted. `latestOf`: how many of the agent in the lane. */
  readSpend(query: {
    readonly now: Instant
    readonly windowMs: number
    readonly task: string | null
    readonly latestOf: { readonly agent: string; readonly lane: string; readonly limit: number } | null
  }): Promise<SpendFacts>
  getSpend(id: string): Promise<SpendEntry | null>
  /**
   * Writes an open entry, if the ledger is still at `version`. An entry that is there already stays as it is and is
   * answered.
   */
  reserveSpend(
    entry: SpendEntry,
    version: number,
    writer: string,
  ): Promise<
    | { readonly ok: true; readonly entry: SpendEntry; readonly repeated: boolean }
    | { readonly ok: false; readonly reason: 'version' }
  >
  /** Settles an open entry. False where it is settled already, or was never reserved. */
  settleSpend(id: string, settlement: SpendSettlement, at: Instant, writer: string): Promise<boolean>
  /** Says what a settled entry's attempt came to. False where that was said already, or it is not settled. */
  concludeSpend(id: string, conclusion: SpendConclusion, writer: string): Promise<boolean>
  /** All entries in the order of their reservation, a page at a time. */
  listSpend(query: { readonly after?: string; readonly limit: number }): Promise<SpendEntry[]>
}
