import type { Usage } from '../contracts/agent-run.ts'
import type { KeeperSpec } from '../contracts/keeper.ts'
import type { Reservation } from './ledger-port.ts'

type Limits = KeeperSpec['limits']

/**
 * The ceilings of a keeper with the money that was reserved: it stops its agent there.
 * @param usedBefore what a session that is gone on with had used, where its stream counts that in; else null.
 */
export const withMoney = (
  limits: Limits,
  { usd, tokens }: Extract<Reservation, { granted: true }>['limits'],
  usedBefore: Usage | null,
): Limits => {
  const most = smaller(tokens, limits.tokens)
  const before = usedBefore ?? { inputTokens: 0, outputTokens: 0, usd: 0, coveredUsd: 0 }
  return {
    ...limits,
    usd: usd === null ? null : usd + before.usd + before.coveredUsd,
    tokens: most === null ? null : most + before.inputTokens + before.outputTokens,
  }
}

const smaller = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)
