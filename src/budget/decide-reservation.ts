import type { CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { Instant } from '../contracts/instant.ts'
import type { SpendAmount, SpendEntry, SpendFacts } from '../contracts/spend.ts'
import { breakerOf } from './breaker.ts'
import { type CapWithUses, capRefusal, type Wish } from './cap-refusal.ts'
import { usedOf, usesOf } from './cap-uses.ts'
import { attemptCap, type Budgets, type CapSubject, capsOf } from './caps.ts'
import { coolDownOf } from './cool-down.ts'
import { estimateOf, medianUseOf, needOf } from './estimate.ts'
import { maintenanceEnd } from './maintenance.ts'
import { RECHECK_MS, type Refusal, refuse } from './refusal.ts'

export type SpendRules = Budgets & Pick<CompiledManifest, 'breaker' | 'timezone' | 'maintenanceWindows'>

/** A run that is to be paid for. */
export interface SpendQuestion extends CapSubject {
  readonly agentVersion: string | null
  readonly signature: string | null
  /** Whether the agent's tokens and real dollars can be counted at all. */
  readonly counts: { readonly tokens: boolean; readonly usd: boolean }
  /** It is under way already: it is paid for, whatever the rules say. */
  readonly isRunning: boolean
  /** A person asked for it: a service that said no does not hold it back. */
  readonly isInsisted: boolean
}

export type ReservationDecision =
  | {
      readonly granted: true
      readonly reserved: SpendAmount
      /** Where the agent is stopped; null where no cap applies. */
      readonly limits: { readonly tokens: number | null; readonly usdMicros: number | null }
    }
  | Refusal

/** Whether a run may start now, and with how much; the rule that holds it back longest names itself. */
export const decideReservation = (
  rules: SpendRules,
  facts: Pick<SpendFacts, 'entries' | 'latest'>,
  question: SpendQuestion,
  now: Instant,
): ReservationDecision => {
  const caps = capsOf(rules, question).map((cap) => ({ cap, uses: usesOf(cap, facts.entries, now) }))
  const tokens = wishOf(rules, facts, question, 'tokens')
  const usdMicros = wishOf(rules, facts, question, 'usdMicros')
  if (!question.isRunning) {
    const refusals = [
      ...beforeMoney(rules, facts, question, now),
      ...nothingAllowed(rules, question),
      ...caps.flatMap((each) => capRefusal(each, caps, { tokens, usdMicros })),
    ]
    const longest = refusals.toSorted((a, b) => waitOf(b) - waitOf(a))[0]
    if (longest !== undefined) return longest
  }
  const grant = { tokens: grantOf(caps, 'tokens', tokens), usdMicros: grantOf(caps, 'usdMicros', usdMicros) }
  return {
    granted: true,
    reserved: { tokens: grant.tokens.amount, usdMicros: grant.usdMicros.amount },
    limits: { tokens: grant.tokens.limit, usdMicros: grant.usdMicros.limit },
  }
}

const wishOf = (
  rules: SpendRules,
  { latest }: Pick<SpendFacts, 'latest'>,
  question: SpendQuestion,
  measure: keyof SpendAmount,
): Wish => {
  if (!isCounted(question, measure)) return { wanted: 0, needed: 0, isCapped: false, usual: 0 }
  const cap = attemptCap(rules, question, measure)
  const wanted = cap?.limit ?? estimateOf(latest, measure)
  return {
    wanted,
    needed: Math.min(wanted, needOf(latest, measure)),
    isCapped: cap !== null,
    usual: medianUseOf(latest, measure) ?? 0,
  }
}

/** An attempt that may use nothing of what it is counted in cannot be run. */
const nothingAllowed = (rules: SpendRules, question: SpendQuestion): Refusal[] =>
  (['tokens', 'usdMicros'] as const).flatMap((measure) => {
    const cap = isCounted(question, measure) ? attemptCap(rules, question, measure) : null
    return cap?.limit === 0 ? [refuse(cap.name, 'an attempt may use nothing', null, 'quota_exhausted')] : []
  })

const isCounted = ({ counts }: SpendQuestion, measure: keyof SpendAmount): boolean =>
  counts[measure === 'usdMicros' ? 'usd' : measure]

/** What is wanted, or what the smallest cap leaves of it. One that runs already takes at least a unit. */
const grantOf = (
  caps: readonly CapWithUses[],
  measure: keyof SpendAmount,
  { wanted, isCapped, usual }: Wish,
) => {
  const remainders = caps
    .filter(({ cap }) => cap.measure === measure)
    .map(({ cap, uses }) => cap.limit - usedOf(uses))
  if (wanted === 0 || (!isCapped && remainders.length === 0)) return { amount: usual, limit: null }
  const amount = Math.max(1, Math.min(wanted, ...remainders))
  return { amount, limit: amount }
}

const waitOf = ({ retryInMs }: Refusal): number => retryInMs ?? Number.POSITIVE_INFINITY

/** What speaks against a run, whatever it costs. */
const beforeMoney = (
  rules: SpendRules,
  { entries, latest }: Pick<SpendFacts, 'entries' | 'latest'>,
  question: SpendQuestion,
  now: Instant,
): Refusal[] =>
  [
    inMaintenance(rules, now),
    brokenAgent(rules, entries, question, now),
    // A quota of a week outlasts what the caps look back on.
    coolingDown([...entries, ...latest], question, now),
    fruitlessBefore(entries, question),
    atWork('repos', question.repo, rules.repos[question.repo]?.concurrency, entries, 'repo'),
    atWork('agents', question.agent, rules.agents[question.agent]?.concurrency, entries, 'agent'),
  ].filter((refusal) => refusal !== null)

const inMaintenance = ({ maintenanceWindows, timezone }: SpendRules, now: Instant): Refusal | null => {
  const end = maintenanceEnd(maintenanceWindows, timezone, now.wallMs)
  if (end === null) return null
  return refuse('maintenance_windows', 'nothing is started now', end - now.wallMs, 'infra_tooling')
}

const brokenAgent = (
  rules: SpendRules,
  entries: readonly SpendEntry[],
  { agent, agentVersion }: SpendQuestion,
  now: Instant,
): Refusal | null => {
  const breaker = breakerOf(rules.breaker, entries, { agent, version: agentVersion, now })
  if (breaker.state === 'closed' || breaker.trialInMs === 0) return null
  const told = `${breaker.failures} of the last ${breaker.of} attempts of agent ${agent} failed`
  return breaker.trialInMs === null
    ? refuse('breaker', `${told}; one attempt is made on trial`, RECHECK_MS, 'rate_limited')
    : refuse(
        'breaker',
        `${told}; it gets one on trial after the cool-down`,
        breaker.trialInMs,
        'rate_limited',
      )
}

/** Its service said no, and when it serves again: until then nothing is asked of it. */
const coolingDown = (
  entries: readonly SpendEntry[],
  { agent, isInsisted }: SpendQuestion,
  now: Instant,
): Refusal | null => {
  const coolDown = isInsisted ? null : coolDownOf(entries, agent, now)
  if (coolDown === null) return null
  return refuse(`agents.${agent}`, 'its service said no to its last run', coolDown.leftMs, coolDown.class)
}

/** The same text, base and agent came to nothing before: running it again would too, unless somebody asks for just that. */
const fruitlessBefore = (
  entries: readonly SpendEntry[],
  { signature, task }: SpendQuestion,
): Refusal | null => {
  if (signature === null) return null
  const same = entries.findLast(
    (entry) => entry.task === task && entry.signature === signature && entry.conclusion?.fruitless === true,
  )
  if (same === undefined) return null
  const reason = `nothing came of ${same.id}, neither task, base nor agent has changed since, and nobody has retried it`
  return refuse('no_op', reason, null, 'no_op')
}

const atWork = (
  section: 'repos' | 'agents',
  key: string,
  limit: number | null | undefined,
  entries: readonly SpendEntry[],
  of: 'repo' | 'agent',
): Refusal | null => {
  const running = entries.filter((entry) => entry.settled === null && entry[of] === key).length
  if (limit == null || running < limit) return null
  const failure = section === 'agents' ? 'rate_limited' : 'infra_tooling'
  return refuse(`${section}.${key}.concurrency`, `${running} of ${limit} at work`, RECHECK_MS, failure)
}
