import type { MeteredUsage, MeterFile, TokenPrice } from '../../src/contracts/meter.ts'
import { beyond, larger, NO_USAGE, plus, usageAt } from './metered-usage.ts'
import { hashAt } from './value-at.ts'

/**
 * More than models use up for one agent in a second. Whatever else in its HOME can write there too: what claims more is
 * not believed, so that a forged figure can set off a ceiling, and costs no more than this beyond it.
 */
const MOST_IN_A_SECOND = 5_000_000
const SECOND_MS = 1_000
/** Answers remembered; an older one that is told again counts again. */
const MOST_ANSWERS = 10_000

interface FileTally {
  readonly total: MeteredUsage
  /** An answer of an earlier run: it counts no more, wherever it is told again. */
  know(file: MeterFile, event: unknown): void
  /** Counts the answer of the model that one line tells of. */
  count(file: MeterFile, event: unknown, nowMs: number): void
}

/** Adds up what an agent's files say, each answer of its model once. */
export const createFileTally = (price: TokenPrice | null, usedBefore: MeteredUsage): FileTally => {
  const answers = new Map<string, MeteredUsage>()
  let total = usedBefore
  const second = { sinceMs: Number.NEGATIVE_INFINITY, tokens: 0 }
  const remember = (key: string, used: MeteredUsage): void => {
    answers.set(key, larger(used, answers.get(key) ?? NO_USAGE))
    if (answers.size > MOST_ANSWERS) answers.delete(answers.keys().next().value as string)
  }
  return {
    get total() {
      return total
    },
    know: (file, event) => {
      remember(hashAt(event, file.answer), usageAt(event, file.usage, price))
    },
    count: (file, event, nowMs) => {
      const key = hashAt(event, file.answer)
      const before = answers.get(key) ?? NO_USAGE
      const used = usageAt(event, file.usage, price)
      const added = beyond(used, before)
      if (nowMs - second.sinceMs >= SECOND_MS) Object.assign(second, { sinceMs: nowMs, tokens: 0 })
      const tokens = second.tokens + added.inputTokens + added.outputTokens
      if (tokens > MOST_IN_A_SECOND) return
      second.tokens = tokens
      remember(key, used)
      total = plus(total, added)
    },
  }
}
