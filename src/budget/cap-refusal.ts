import type { SpendAmount } from '../contracts/spend.ts'
import { type CapUse, usedOf } from './cap-uses.ts'
import type { Cap } from './caps.ts'
import { formatUsd } from './format-usd.ts'
import { RECHECK_MS, type Refusal, refuse } from './refusal.ts'

/** With a smaller share than this of what a cap gives at most nothing is started: it would be stopped in vain. */
const LEAST_SHARE = 0.25

/** How much of something a run asks for. */
export interface Wish {
  /** What is reserved where every cap leaves it. */
  readonly wanted: number
  /** What an attempt may well need of it. */
  readonly needed: number
  /** A key says how much one attempt may use. */
  readonly isCapped: boolean
  /** What counts where nothing caps it and nobody can tell in the end. */
  readonly usual: number
}

export type CapWithUses = { readonly cap: Cap; readonly uses: readonly CapUse[] }

/** What speaks against a run under one of its caps: less is left than it has to find there. */
export const capRefusal = (
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
  const retryInMs = waitForRoom(uses, limit - need)
  // Where waiting does not help a person is asked: for money, whoever's cap it is.
  const failure = cap.of.agent !== undefined || retryInMs === null ? 'quota_exhausted' : 'infra_tooling'
  return [refuse(cap.name, reason, retryInMs, failure)]
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
