import { agentHealth } from '../../budget/agent-health.ts'
import type { SpendRules } from '../../budget/decide-reservation.ts'
import { findSlowRuns } from '../../budget/slow-runs.ts'
import type { Instant } from '../../contracts/instant.ts'
import type { SpendEntry } from '../../contracts/spend.ts'
import type { Attention } from '../../contracts/status.ts'
import { formatDuration } from '../../manifest/duration.ts'

/** From so many on, what an agent does to tests and checks is told (operations-center-execution.md §13.7). */
const TOLD_FROM = 3

/** What the ledger says of agents that a person should look at: stopped by the breaker, degraded, wearing down what checks them, unusually slow. */
export const spendWarnings = (
  rules: Pick<SpendRules, 'breaker'>,
  entries: readonly SpendEntry[],
  now: Instant,
): Attention[] => [
  ...agentHealth(rules, entries, now).flatMap(
    ({ agent, succeeded, outcomes, degraded, erosion, breaker }): Attention[] => {
      const warning = { kind: 'agent' as const, subject: agent, action: 'oc-supervise spend --by agent' }
      if (breaker.state === 'open') {
        const told = `${breaker.failures} of its last ${breaker.of} attempts failed`
        return [
          { ...warning, reason: `${told}; it gets no work but one attempt on trial after the cool-down` },
        ]
      }
      const last = `its last ${outcomes} attempts`
      return [
        ...(degraded ? [{ ...warning, reason: `degraded: ${succeeded} of ${last} succeeded` }] : []),
        ...(erosion < TOLD_FROM
          ? []
          : [{ ...warning, reason: `${erosion} suppressions, weakened tests or edited checks in ${last}` }]),
      ]
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
