import type { FailureClass } from '../contracts/failure.ts'
import type { Instant } from '../contracts/instant.ts'
import type { SpendEntry } from '../contracts/spend.ts'
import { ageMs } from '../platform/instant-math.ts'

const MINUTE_MS = 60_000
/** Where the service does not say when: quotas last, rate limits pass. */
const LONGEST_GUESS_MS = 60 * MINUTE_MS

type Limit = Extract<FailureClass, 'quota_exhausted' | 'rate_limited'>

/**
 * How long an agent is still to be left alone because its service turned its latest run away, whichever task that was
 * for; null where it is not. Until the instant that the service named; else for an hour after a quota, and for a minute
 * after a rate limit, doubled with each in a row up to an hour.
 * @param entries in any order; one that stands there twice counts once.
 */
export const coolDownOf = (
  entries: readonly SpendEntry[],
  agent: string,
  now: Instant,
): { readonly leftMs: number; readonly class: Limit } | null => {
  const ended = [...new Map(entries.map((entry) => [entry.id, entry])).values()]
    .filter((entry) => entry.agent === agent && entry.conclusion !== null)
    .toSorted((a, b) => ageOf(a, now) - ageOf(b, now))
  const others = ended.findIndex((entry) => limitOf(entry) === null)
  const inARow = others === -1 ? ended.length : others
  const [latest] = ended
  const limit = latest === undefined ? null : limitOf(latest)
  if (latest === undefined || limit === null) return null
  const leftMs = lengthOf(latest, limit, inARow) - ageOf(latest, now)
  return leftMs > 0 ? { leftMs, class: limit } : null
}

const lengthOf = ({ conclusion, endedAt }: SpendEntry, limit: Limit, inARow: number): number => {
  const named = conclusion?.retryAtMs
  if (named != null && endedAt !== null) return named - endedAt.wallMs
  if (limit === 'quota_exhausted') return LONGEST_GUESS_MS
  return Math.min(MINUTE_MS * 2 ** (inARow - 1), LONGEST_GUESS_MS)
}

const limitOf = ({ conclusion }: SpendEntry): Limit | null => {
  if (conclusion?.turnedAway !== true) return null
  return conclusion.result === 'rate_limited' ? 'rate_limited' : 'quota_exhausted'
}

const ageOf = ({ endedAt }: SpendEntry, now: Instant): number => (endedAt === null ? 0 : ageMs(now, endedAt))
