import { agentHealth } from '../../budget/agent-health.ts'
import type { SpendRules } from '../../budget/decide-reservation.ts'
import { findSlowRuns } from '../../budget/slow-runs.ts'
import type { Instant } from '../../contracts/instant.ts'
import type { SpendEntry } from '../../contracts/spend.ts'
import type { Attention } from '../../contracts/status.ts'
import { formatDuration } from '../../manifest/duration.ts'

/** What the ledger says of agents that a person should look at: stopped by the breaker, degraded, unusually slow. */
export const spendWarnings = (
  rules: Pick<SpendRules, 'breaker'>,
  entries: readonly SpendEntry[],
  now: Instant,
): Attention[] => [
  ...agentHealth(rules, entries, now).flatMap(
    ({ agent, succeeded, outcomes, degraded, breaker }): Attention[] => {
      const warning = { kind: 'agent' as const, subject: agent, action: 'oc-supervise spend --by agent' }
      if (breaker.state === 'open') {
        const told = `${breaker.failures} of its last ${breaker.of} attempts failed`
        return [
          { ...warning, reason: `${told}; it gets no work but one attempt on trial after the cool-down` },
        ]
      }
      const reason = `degraded: ${succeeded} of its last ${outcomes} attempts succeeded`
      return degraded ? [{ ...warning, reason }] : []
    },
  ),
  ...findSlowRuns(entries, now).map(
    ({ attempt, forMs, usualMs }): Attention => ({
      kind: 'agent',
      subject: attempt,
      reason: `has run for ${inSeconds(forMs)}; half of its kind end within ${inSeconds(usualMs)}`,
      action: `oc-supervise logs ${attempt}`,
    }),
  ),
]

const inSeconds = (ms: number): string => formatDuration(Math.max(1, Math.round(ms / 1000)) * 1000)
