import type { Usage } from '../contracts/agent-run.ts'
import type { Failure } from '../contracts/failure.ts'
import type { Instant } from '../contracts/instant.ts'
import {
  type SpendConclusion,
  SpendEntry,
  type SpendFacts,
  type SpendSettlement,
  type SpendStore,
} from '../contracts/spend.ts'
import type { Clock } from '../platform/clock.ts'
import { LONGEST_WINDOW_MS } from './caps.ts'
import {
  decideReservation,
  type ReservationDecision,
  type SpendQuestion,
  type SpendRules,
} from './decide-reservation.ts'
import { ESTIMATED_FROM } from './estimate.ts'
import type { Refusal } from './refusal.ts'

/** How often a reservation is decided anew because somebody else changed the ledger in between: each time one got through. */
const MOST_TRIES = 1_000

/** A run that is to be reserved, with what the ledger keeps of it. */
type LedgerRequest = SpendQuestion &
  Pick<SpendEntry, 'lane' | 'purpose'> & {
    readonly attempt: string
    readonly task: string
    readonly run: string
  }

type RunQuestion = SpendQuestion & Pick<SpendEntry, 'lane'>

/** What only the attempt can tell. */
const BEFORE_THE_ATTEMPT = { agentVersion: null, signature: null, isRunning: false }

/** What an attempt came to. */
type Conclusion = Omit<SpendConclusion, 'result'> & { readonly failure: Failure | null }

/** What a run used up, as far as anybody can tell. */
interface Spent {
  readonly ending: SpendSettlement['ending']
  readonly usage: Usage | 'uncounted' | null
  readonly isPriced: boolean
  readonly signal: string | null
}

export type Ledger = ReturnType<typeof createLedger>

/** The one ledger: rules over what the journal holds. Every call may be repeated, by whomever. */
export const createLedger = (ports: {
  readonly store: SpendStore
  readonly rules: SpendRules
  readonly clock: Clock
  readonly writer: string
}) => {
  const { store, rules, clock, writer } = ports

  const factsOf = (
    question: Pick<SpendQuestion, 'task' | 'agent' | 'lane'>,
    now: Instant,
  ): Promise<SpendFacts> =>
    store.readSpend({
      now,
      windowMs: Math.max(LONGEST_WINDOW_MS, rules.breaker.staleAfterMs),
      task: question.task,
      latestOf: { agent: question.agent, lane: question.lane, limit: ESTIMATED_FROM },
    })

  const reserve = async (request: LedgerRequest): Promise<ReservationDecision> => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const known = await store.getSpend(request.attempt)
      if (known?.settled != null && !request.isRunning)
        throw new Error(`${request.attempt} is settled already: its agent is not run again`)
      if (known !== null) return { granted: true, reserved: known.reserved, limits: known.limits }
      const now = clock.now()
      const facts = await factsOf(request, now)
      const decision = decideReservation(rules, facts, request, now)
      if (!decision.granted) return decision
      const written = await store.reserveSpend(entryOf(request, decision, now), facts.version, writer)
      if (written.ok) return { granted: true, reserved: written.entry.reserved, limits: written.entry.limits }
    }
    throw new Error(`${request.attempt}: the ledger kept changing; nothing was reserved`)
  }

  return {
    reserve: async (request: LedgerRequest) => {
      const decision = await reserve(request)
      return decision.granted ? granted(decision) : refused(decision, clock.wallMs())
    },

    /** What `reserve` would refuse now, as far as it can be told before the attempt; null where it would grant. */
    refusal: async (run: Omit<RunQuestion, 'agentVersion' | 'signature' | 'isRunning'>) => {
      const now = clock.now()
      const question = { ...run, ...BEFORE_THE_ATTEMPT }
      const decision = decideReservation(rules, await factsOf(question, now), question, now)
      return decision.granted ? null : refused(decision, now.wallMs)
    },

    /** What `reserve` would refuse now to tasks of these repositories; those it would allow are not in it. */
    refusals: async (
      agent: Pick<SpendQuestion, 'agent' | 'lane' | 'counts'>,
      repos: readonly string[],
    ): Promise<ReadonlyMap<string, Refusal>> => {
      const now = clock.now()
      const unknown = { ...agent, task: null, isInsisted: false, ...BEFORE_THE_ATTEMPT }
      const facts = await factsOf(unknown, now)
      const decided = repos.map(
        (repo) => [repo, decideReservation(rules, facts, { ...unknown, repo }, now)] as const,
      )
      return new Map(decided.flatMap(([repo, each]) => (each.granted ? [] : [[repo, each]])))
    },

    openFor: async (attempt: string) => {
      const entry = await store.getSpend(attempt)
      return entry === null || entry.settled !== null ? null : { agent: entry.agent }
    },

    endBefore: async (attempt: string) => {
      const entry = await store.getSpend(attempt)
      if (entry === null) return null
      const { entries } = await store.readSpend({
        now: clock.now(),
        windowMs: 0,
        task: entry.task,
        latestOf: null,
      })
      const runs = entries.filter(
        ({ task, settled }) => task === entry.task && settled?.ending !== 'not_started',
      )
      const before = runs[runs.findIndex(({ id }) => id === attempt) - 1]
      return before?.settled == null || before.endedAt === null
        ? null
        : { signal: before.settled.signal, at: before.endedAt }
    },

    settle: async (attempt: string, spent: Spent & { readonly endedAt: Instant | null }): Promise<void> => {
      const entry = await store.getSpend(attempt)
      if (entry === null || entry.settled !== null) return
      await store.settleSpend(attempt, settlementOf(entry, spent), spent.endedAt ?? clock.now(), writer)
    },

    isCostKnown: async (attempt: string) => (await store.getSpend(attempt))?.settled?.estimated !== true,

    conclude: async (attempt: string, { failure, ...rest }: Conclusion): Promise<void> => {
      await store.concludeSpend(attempt, { result: failure?.class ?? 'succeeded', ...rest }, writer)
    },
  }
}

const entryOf = (
  request: LedgerRequest,
  { reserved, limits }: Extract<ReservationDecision, { granted: true }>,
  now: Instant,
): SpendEntry => {
  const { attempt, task, run, lane, repo, agent, agentVersion, purpose, signature } = request
  const who = { id: attempt, task, run, lane, repo, agent, agentVersion, purpose, signature }
  const ahead = { settled: null, conclusion: null, startedAt: now, endedAt: null }
  return SpendEntry.parse({ ...who, reserved, limits, ...ahead })
}

/** Rounded up: no cap is ever missed by fractions. */
const micros = (usd: number): number => Math.max(0, Math.ceil(usd * 1_000_000 - 1e-6))

/** What nobody can tell is taken to be what was reserved; what was never started cost nothing. */
const settlementOf = (
  { reserved }: SpendEntry,
  { ending, usage, isPriced, signal }: Spent,
): SpendSettlement => {
  const isUncounted = usage === 'uncounted'
  if (ending === 'not_started' || isUncounted) {
    const uncounted = isUncounted && ending !== 'not_started'
    return { ...NOTHING, estimated: false, uncounted, ending, signal }
  }
  const known = { uncounted: false, ending, signal }
  if (usage === null) return { ...reserved, coveredUsdMicros: 0, estimated: true, ...known }
  return {
    tokens: usage.inputTokens + usage.outputTokens,
    usdMicros: isPriced ? micros(usage.usd) : reserved.usdMicros,
    coveredUsdMicros: micros(usage.coveredUsd),
    estimated: !isPriced,
    ...known,
  }
}

const NOTHING = { tokens: 0, usdMicros: 0, coveredUsdMicros: 0 }

const granted = ({ limits }: Extract<ReservationDecision, { granted: true }>) => ({
  granted: true as const,
  limits: {
    usd: limits.usdMicros === null ? null : limits.usdMicros / 1_000_000,
    tokens: limits.tokens,
  },
})

const refused = ({ cap, reason, retryInMs, failure }: Refusal, nowMs: number) => ({
  granted: false as const,
  cap,
  failure: { class: failure, reason, excerpt: null },
  retryAtMs: retryInMs === null ? null : nowMs + retryInMs,
})
