import type { CompiledManifest } from '../contracts/compiled-manifest.ts'
import type { FailureClass } from '../contracts/failure.ts'
import type { Instant } from '../contracts/instant.ts'
import type { SpendAmount, SpendEntry, SpendFacts } from '../contracts/spend.ts'
import { breakerOf } from './breaker.ts'
import { type CapUse, usedOf, usesOf } from './cap-uses.ts'
import { attemptCap, type Budgets, type Cap, type CapSubject, capsOf } from './caps.ts'
import { coolDownOf } from './cool-down.ts'
import { estimateOf, medianUseOf, needOf } from './estimate.ts'
import { formatUsd } from './format-usd.ts'
import { maintenanceEnd } from './maintenance.ts'

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

export interface Refusal {
  readonly granted: false
  /** The key that says no, as the manifest spells it. */
  readonly cap: string
  readonly reason: string
  /** When it could be allowed; null where only a person or another cap can change that. */
  readonly retryInMs: number | null
  readonly failure: FailureClass
}

export type ReservationDecision =
  | {
      readonly granted: true
      readonly reserved: SpendAmount
      /** Where the agent is stopped; null where no cap applies. */
      readonly limits: { readonly tokens: number | null; readonly usdMicros: number | null }
    }
  | Refusal

/** Where runs in flight stand in the way, it is looked at again after so long. */
const RECHECK_MS = 60_000
/** With a smaller share than this of what a cap gives at most nothing is started: it would be stopped in vain. */
const LEAST_SHARE = 0.25

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
      ...beforeMoney(rules, facts.entries, question, now),
      ...caps.flatMap((each) => refusalOf(each, caps, { tokens, usdMicros })),
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

interface Wish {
  /** What is reserved where every cap leaves it. */
  readonly wanted: number
  /** What an attempt may well need of it. */
  readonly needed: number
  /** A key says how much one attempt may use. */
  readonly isCapped: boolean
  /** What counts where nothing caps it and nobody can tell in the end. */
  readonly usual: number
}

type CapWithUses = { readonly cap: Cap; readonly uses: readonly CapUse[] }

const wishOf = (
  rules: SpendRules,
  { latest }: Pick<SpendFacts, 'latest'>,
  question: SpendQuestion,
  measure: keyof SpendAmount,
): Wish => {
  if (!question.counts[measure === 'usdMicros' ? 'usd' : measure])
    return { wanted: 0, needed: 0, isCapped: false, usual: 0 }
  const cap = attemptCap(rules, question, measure)
  return {
    wanted: cap?.limit ?? estimateOf(latest, measure),
    needed: Math.min(cap?.limit ?? Number.POSITIVE_INFINITY, needOf(latest, measure)),
    isCapped: cap !== null,
    usual: medianUseOf(latest, measure) ?? 0,
  }
}

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
  entries: readonly SpendEntry[],
  question: SpendQuestion,
  now: Instant,
): Refusal[] =>
  [
    inMaintenance(rules, now),
    brokenAgent(rules, entries, question, now),
    coolingDown(entries, question, now),
    fruitlessBefore(entries, question),
    atWork('repos', question.repo, rules.repos[question.repo]?.concurrency, entries, 'repo'),
    atWork('agents', question.agent, rules.agents[question.agent]?.concurrency, entries, 'agent'),
  ].filter((refusal) => refusal !== null)

const refuse = (
  cap: string,
  reason: string,
  retryInMs: number | null,
  failure: FailureClass = 'quota_exhausted',
): Refusal => ({ granted: false, cap, reason: `${cap}: ${reason}`, retryInMs, failure })

const inMaintenance = ({ maintenanceWindows, timezone }: SpendRules, now: Instant): Refusal | null => {
  const end = maintenanceEnd(maintenanceWindows, timezone, now.wallMs)
  if (end === null) return null
  return refuse('maintenance_windows', 'nothing is started now', end - now.wallMs)
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
    ? refuse('breaker', `${told}; one attempt is made on trial`, RECHECK_MS)
    : refuse('breaker', `${told}; it gets one on trial after the cool-down`, breaker.trialInMs)
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
  return refuse(`${section}.${key}.concurrency`, `${running} of ${limit} at work`, RECHECK_MS)
}

const refusalOf = (
  { cap, uses }: CapWithUses,
  caps: readonly CapWithUses[],
  wishes: Readonly<Record<keyof SpendAmount, Wish>>,
): Refusal[] => {
  const { measure, limit } = cap
  const isCount = measure === 'runs' || measure === 'attempts'
  const need = isCount ? 1 : leastOf(cap, measure, caps, wishes[measure])
  const used = usedOf(uses)
  if (need === 0 || limit - used >= need) return []
  const [usedText, limitText, needText] = [used, limit, need].map((amount) => amountText(measure, amount))
  const reason = `${usedText} of ${limitText} are used or reserved${isCount ? '' : `, ${needText} needed`}`
  return [refuse(cap.name, reason, waitForRoom(uses, limit - need))]
}

/**
 * How much a cap has to leave for a start. What a task has left never grows, so a share has to do; a stretch of time
 * comes to its end, so there it is all that the attempt may well need, as far as the other caps would let it have that.
 */
const leastOf = (
  { limit, windowMs }: Cap,
  measure: keyof SpendAmount,
  caps: readonly CapWithUses[],
  { wanted, needed }: Wish,
): number => {
  if (wanted === 0) return 0
  const share = Math.max(1, Math.ceil(Math.min(wanted, limit) * LEAST_SHARE))
  if (windowMs === null) return share
  const most = caps
    .filter(({ cap }) => cap.measure === measure)
    .map(({ cap, uses }) => (cap.windowMs === null ? cap.limit - usedOf(uses) : cap.limit))
  return Math.max(share, Math.min(needed, ...most))
}

/** In how many ms no more than `most` is used; null where that needs a person. */
const waitForRoom = (uses: readonly CapUse[], most: number): number | null => {
  if (most < 0) return null
  const open = uses.filter(({ leavesInMs }) => leavesInMs === null)
  const ended = uses.filter(({ leavesInMs }) => leavesInMs !== null) as Array<CapUse & { leavesInMs: number }>
  const sorted = ended.toSorted((a, b) => a.leavesInMs - b.leavesInMs)
  const after = (used: number): number => {
    let left = used
    if (left <= most) return 0
    for (const { amount, leavesInMs } of sorted) {
      left -= amount
      if (left <= most) return leavesInMs
    }
    return Number.POSITIVE_INFINITY
  }
  const byAge = after(usedOf(uses))
  const wait = open.length === 0 ? byAge : Math.min(byAge, Math.max(after(usedOf(ended)), RECHECK_MS))
  return Number.isFinite(wait) ? Math.ceil(wait) : null
}

const amountText = (measure: Cap['measure'], amount: number): string =>
  measure === 'usdMicros' ? formatUsd(amount) : `${amount.toLocaleString('en-US')} ${measure}`
