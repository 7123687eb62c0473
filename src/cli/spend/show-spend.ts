import { agentHealth } from '../../budget/agent-health.ts'
import type { SpendRules } from '../../budget/decide-reservation.ts'
import { formatUsd } from '../../budget/format-usd.ts'
import {
  type CapStanding,
  capStandings,
  type SpendGroup,
  type SpendSum,
  sumOf,
  sumsBy,
  withinWindow,
} from '../../budget/spend-report.ts'
import { formatDuration } from '../../manifest/duration.ts'
import { systemClock } from '../../platform/clock.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import type { StateOptions } from '../compose/select-state.ts'
import { currentManifest } from '../compose/stored-manifest.ts'
import { withSystem } from '../look/with-system.ts'
import type { Answer } from '../print/print-answer.ts'
import { type Cell, formatTable } from '../print/print-table.ts'
import { RefusedError } from '../report-error.ts'
import { allSpend } from './all-spend.ts'
import { spendWarnings } from './spend-warnings.ts'

export interface SpendOptions extends StateOptions {
  readonly windowMs: number
  readonly by: SpendGroup
}

/** `spend`: what was spent in a window, what is in flight, and what the caps leave. */
export const showSpend = (options: SpendOptions): Promise<Answer> =>
  withSystem(options, async ({ layout, store }) => {
    const now = systemClock.now()
    const rules = rulesOf(layout)
    const entries = await allSpend(store)
    const within = withinWindow(entries, options.windowMs, now)
    const total = sumOf(within)
    const groups = sumsBy(within, options.by, rules?.timezone ?? 'UTC')
    const caps = rules === null ? [] : capStandings(rules, entries, now)
    const agents = rules === null ? [] : agentHealth(rules, entries, now)
    const warnings = (rules === null ? [] : spendWarnings(rules, entries, now)).map(
      ({ subject, reason }) => `${subject}: ${reason}`,
    )
    return {
      json: {
        window: formatDuration(options.windowMs),
        total: sumJson(total),
        by: options.by,
        groups: groups.map(({ name, sum }) => ({ name, ...sumJson(sum) })),
        caps: caps.map(capJson),
        agents: agents.map(({ breaker, ...agent }) => ({ ...agent, breaker: breaker.state })),
        warnings,
      },
      text: [sumTable(options, groups, total), capTable(caps), ...warnings]
        .filter((part) => part !== '')
        .join('\n\n'),
    }
  })

/** Null where no run has stored a manifest with budgets yet: sums need none. */
const rulesOf = (layout: StateLayout): SpendRules | null => {
  try {
    const manifest = currentManifest(layout)
    return (manifest.budget as SpendRules['budget'] | undefined) === undefined ? null : manifest
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'never_run') return null
    throw error
  }
}

const usd = (micros: number): number => micros / 1_000_000

/** Where no run told anything there is no sum, not even of nothing. */
const isKnown = ({ runs, uncounted }: SpendSum): boolean => uncounted === 0 || uncounted < runs

const sumJson = (sum: SpendSum) => ({
  runs: sum.runs,
  uncountedRuns: sum.uncounted,
  tokens: isKnown(sum) ? sum.tokens : null,
  usd: isKnown(sum) ? usd(sum.usdMicros) : null,
  coveredUsd: usd(sum.coveredUsdMicros),
  estimatedUsd: usd(sum.estimatedUsdMicros),
  open: { runs: sum.open.runs, tokens: sum.open.tokens, usd: usd(sum.open.usdMicros) },
})

const capJson = ({ name, measure, limit, used, left }: CapStanding) => {
  const amount = (value: number): number => (measure === 'usdMicros' ? usd(value) : value)
  return { key: name, limit: amount(limit), used: amount(used), left: amount(left) }
}

const HEAD = ['runs', 'tokens', 'real', 'covered', 'in flight']

const sumTable = (
  { by, windowMs }: SpendOptions,
  groups: readonly { readonly name: string; readonly sum: SpendSum }[],
  total: SpendSum,
): string => {
  if (groups.length === 0) return `nothing was spent in the last ${formatDuration(windowMs)}`
  const rows = [...groups, { name: `all, ${formatDuration(windowMs)}`, sum: total }]
  return formatTable(
    [by, ...HEAD],
    rows.map(({ name, sum }): Cell[] => [
      name,
      `${sum.runs}`,
      known(sum, sum.tokens.toLocaleString('en-US')),
      known(sum, `${sum.estimatedUsdMicros > 0 ? '~' : ''}${formatUsd(sum.usdMicros)}`),
      formatUsd(sum.coveredUsdMicros),
      sum.open.runs === 0 ? '-' : `${sum.open.runs}, ${formatUsd(sum.open.usdMicros)} reserved`,
    ]),
  )
}

/** A sum that lacks what some runs used is `at least` so much. */
const known = (sum: SpendSum, text: string): string => {
  if (!isKnown(sum)) return '-'
  return sum.uncounted === 0 ? text : `≥ ${text}`
}

const capTable = (caps: readonly CapStanding[]): string =>
  caps.length === 0
    ? ''
    : formatTable(
        ['cap', 'limit', 'used or reserved', 'left'],
        caps.map((cap): Cell[] => {
          const text = (value: number): string =>
            cap.measure === 'usdMicros' ? formatUsd(value) : value.toLocaleString('en-US')
          const left = { text: text(cap.left), colour: cap.left === 0 ? ('red' as const) : null }
          return [cap.name, text(cap.limit), text(cap.used), left]
        }),
      )
