import type { BreakerConfig } from '../contracts/compiled-manifest.ts'
import type { FailureClass } from '../contracts/failure.ts'
import type { Instant } from '../contracts/instant.ts'
import type { SpendEnding, SpendEntry } from '../contracts/spend.ts'
import { ageMs } from '../platform/instant-math.ts'

export type BreakerState =
  | { readonly state: 'closed' }
  /** Nothing is run until `trialInMs`; 0: one trial may be. Null: a trial is under way. */
  | {
      readonly state: 'open'
      readonly failures: number
      readonly of: number
      readonly trialInMs: number | null
    }

/** Failures that say nothing about the agent: the task, the forge, the quota or we are at fault. */
const NOT_THE_AGENTS: ReadonlySet<string> = new Set<FailureClass>([
  'invalid_task',
  'quota_exhausted',
  'rate_limited',
  'awaiting_input',
  'publish_failed',
  'infra_tooling',
])

/**
 * Whether an agent is trusted with work, from the attempts of its version that were concluded lately. Too many failures
 * open the breaker; after a cool-down one attempt is made on trial, and its success forgets what was before.
 * @param version null: that of its latest attempt.
 */
export const breakerOf = (
  config: BreakerConfig,
  entries: readonly SpendEntry[],
  { agent, version, now }: { agent: string; version: string | null; now: Instant },
): BreakerState => {
  const ofAgent = entries.filter((entry) => entry.agent === agent)
  const present = version ?? ofAgent.at(-1)?.agentVersion ?? null
  const own = ofAgent.filter((entry) => entry.agentVersion === present)
  const judged = own
    .filter((entry) => isOutcome(entry) && ageOf(entry, now) < config.staleAfterMs)
    .toSorted((a, b) => ageOf(b, now) - ageOf(a, now))
  const { open, seen } = replay(config, judged)
  if (!open) return { state: 'closed' }
  const failures = seen.filter((succeeded) => !succeeded).length
  const lastAgeMs = ageOf(judged.at(-1) as SpendEntry, now)
  const onTrial = own.some(
    (entry) => isUnderWay(config, entry, now) && ageMs(now, entry.startedAt) < lastAgeMs,
  )
  const trialInMs = onTrial ? null : Math.max(0, config.coolDownMs - lastAgeMs)
  return { state: 'open', failures, of: seen.length, trialInMs }
}

/** Whether a concluded attempt says something about its agent. Whatever was interrupted was never concluded. */
export const isOutcome = ({ conclusion }: SpendEntry): boolean =>
  conclusion !== null && !NOT_THE_AGENTS.has(conclusion.result)

/**
 * Its agent works, or its work is being checked. One that was taken back meanwhile is never concluded, so an ended one is
 * waited for no longer than a cool-down.
 */
const isUnderWay = (config: BreakerConfig, entry: SpendEntry, now: Instant): boolean => {
  const { settled, conclusion } = entry
  if (settled === null || conclusion !== null) return settled === null
  return JUDGED_LATER.has(settled.ending) && ageOf(entry, now) < config.coolDownMs
}

const JUDGED_LATER: ReadonlySet<SpendEnding> = new Set(['completed', 'failed'])

const ageOf = ({ endedAt }: SpendEntry, now: Instant): number => (endedAt === null ? 0 : ageMs(now, endedAt))

const replay = (
  config: BreakerConfig,
  judged: readonly SpendEntry[],
): { open: boolean; seen: readonly boolean[] } => {
  let seen: boolean[] = []
  let open = false
  for (const { conclusion } of judged) {
    const succeeded = conclusion?.result === 'succeeded'
    if (open && succeeded) {
      seen = []
      open = false
    }
    seen = [...seen, succeeded].slice(-config.window)
    const failures = seen.filter((each) => !each).length
    open = seen.length >= config.min && failures / seen.length >= config.threshold
  }
  return { open, seen }
}
