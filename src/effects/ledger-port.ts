import type { Usage } from '../contracts/agent-run.ts'
import type { Failure } from '../contracts/failure.ts'
import type { Instant } from '../contracts/instant.ts'
import type { LaneName } from '../contracts/lane-name.ts'
import type { SpendEnding, SpendPurpose } from '../contracts/spend.ts'
import type { SignalledEnd } from './own-end.ts'

/** A run of an agent that is to be paid for. */
export interface SpendRequest {
  readonly attempt: string
  readonly task: string
  readonly run: string
  readonly lane: LaneName
  readonly repo: string
  readonly agent: string
  readonly agentVersion: string | null
  readonly purpose: SpendPurpose
  /** Hash of everything that could make another run come to something else; null: unknown. */
  readonly signature: string | null
  /** What its agent's use can be counted in, while it runs or after. */
  readonly counts: { readonly tokens: boolean; readonly usd: boolean }
  /** Its keeper is there already: whatever the rules say, it is paid for. */
  readonly isRunning: boolean
  /** A person asked for it. */
  readonly isInsisted: boolean
}

/** Whether an agent may run for a task at all now. */
export type RunQuestion = Pick<SpendRequest, 'task' | 'repo' | 'lane' | 'agent' | 'counts' | 'isInsisted'>

/** Where an attempt stands in the ledger. Limits are for the keeper's meter; null where no cap applies. */
export type Reservation =
  | {
      readonly granted: true
      readonly limits: { readonly usd: number | null; readonly tokens: number | null }
    }
  | {
      readonly granted: false
      /** The key that says no. */
      readonly cap: string
      readonly failure: Failure
      /** When it could be allowed, in UTC ms; null where only a person or another cap can change that. */
      readonly retryAtMs: number | null
    }

/** What a run used up, as far as anybody can tell. */
export interface Spent {
  readonly ending: SpendEnding
  /** Null where nobody knows; then what was reserved counts. `uncounted`: its kind of agent never tells, and nothing was. */
  readonly usage: Usage | 'uncounted' | null
  /** False where its tokens are known but their price is not: then the dollars that were reserved count. */
  readonly isPriced: boolean
  /** When its agent ended; null: now. */
  readonly endedAt: Instant | null
  /** The signal that ended it, where neither its keeper nor anybody of ours had asked. */
  readonly signal: string | null
}

/** The one ledger of money, as effects use it. All calls are idempotent by the attempt's id. */
export interface LedgerPort {
  /** What `reserve` would refuse now, as far as it can be told before the attempt; null where it would grant. */
  refusal(question: RunQuestion): Promise<Extract<Reservation, { granted: false }> | null>
  /**
   * To be called before anything is started; what was granted once stays granted.
   * @throws Error for what is settled and not running: it is not to be started again.
   */
  reserve(request: SpendRequest): Promise<Reservation>
  /** The agent of an open reservation; null where there is none. */
  openFor(attempt: string): Promise<{ readonly agent: string } | null>
  /** How the run of the same task before this attempt's ended; null where there was none, or it has not ended. */
  endBefore(attempt: string): Promise<SignalledEnd | null>
  settle(attempt: string, spent: Spent): Promise<void>
  /** False where what a run cost was taken to be what was reserved, because nobody could tell. */
  isCostKnown(attempt: string): Promise<boolean>
  /** What the attempt came to in the end. `fruitless`: the same work is not run again until something changes, or a person asks for it. */
  conclude(
    attempt: string,
    conclusion: {
      readonly failure: Failure | null
      readonly fruitless: boolean
      /** When its agent's service serves again, where it told, in UTC ms. */
      readonly retryAtMs: number | null
      /** That service said no to it: the agent is left alone for a while. */
      readonly turnedAway: boolean
      /** Suppressions it added, tests it weakened and checks it edited. */
      readonly erosion: number
    },
  ): Promise<void>
}
