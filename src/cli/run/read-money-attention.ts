import { LONGEST_WINDOW_MS } from '../../budget/caps.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import type { SpendStore } from '../../contracts/spend.ts'
import type { Attention } from '../../contracts/status.ts'
import type { Clock } from '../../platform/clock.ts'
import { spendWarnings } from '../spend/spend-warnings.ts'

/** What the ledger of the last day says of agents that a person should look at. */
export const readMoneyAttention = async (parts: {
  readonly store: SpendStore
  readonly clock: Clock
  readonly manifest: CompiledManifest
}): Promise<Attention[]> => {
  const now = parts.clock.now()
  const windowMs = Math.max(LONGEST_WINDOW_MS, parts.manifest.breaker.staleAfterMs)
  const { entries } = await parts.store.readSpend({ now, windowMs, task: null, latestOf: null })
  return spendWarnings(parts.manifest, entries, now)
}
