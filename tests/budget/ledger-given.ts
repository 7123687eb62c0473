import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createLedger, type Ledger } from '../../src/budget/ledger.ts'
import type { SpendStore } from '../../src/contracts/spend.ts'
import { loadOrCreateKeys } from '../../src/durable/keys.ts'
import { databaseSource } from '../../src/durable/sqlite/database-source.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import type { Store } from '../../src/durable/store.ts'
import { verify } from '../../src/durable/verify.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { question, rules, USD } from './samples.ts'

/** Two tokens, and so much money. */
export const usageOf = (usdMicros: number) => ({
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 1,
  usd: usdMicros / USD,
  coveredUsd: 0,
})

/** Asks for the n-th attempt, each of a task of its own. */
export const reserve = (ledger: Ledger, n: number | string) =>
  ledger.reserve({
    ...question({ task: `task-${n}` }),
    attempt: `att-${n}`,
    task: `task-${n}`,
    run: 'run-1',
    lane: 'goal',
    purpose: 'attempt',
  })

export const settle = (ledger: Ledger, n: number | string, usdMicros: number | null) =>
  ledger.settle(`att-${n}`, {
    ending: 'completed',
    usage: usdMicros === null ? null : usageOf(usdMicros),
    isPriced: true,
    endedAt: null,
    signal: null,
  })

export const ledgerOn = (store: SpendStore, given: Parameters<typeof rules>[0]): Ledger =>
  createLedger({ store, rules: rules(given), clock: systemClock, writer: 'inc-test' })

export const open = async (name: string): Promise<{ path: string; store: Store }> => {
  const path = join(makeTempDir(name), 'journal.db')
  return { path, store: await openSqliteStore({ path, clock: systemClock }) }
}

/** What the ledger of a journal adds up to. */
export const sums = (path: string): { runs: number; open: number; usdMicros: number; tokens: number } => {
  const db = new DatabaseSync(path, { readOnly: true })
  const row = db
    .prepare(
      `SELECT count(*) AS runs, sum(state = 'open') AS open, coalesce(sum(value ->> '$.settled.usdMicros'), 0) AS usdMicros,
         coalesce(sum(value ->> '$.settled.tokens'), 0) AS tokens FROM spend`,
    )
    .get() as ReturnType<typeof sums>
  db.close()
  return { ...row }
}

export const isIntact = (path: string): boolean => {
  const { publicKey } = loadOrCreateKeys(join(path, '../keys'))
  return verify(databaseSource(path), { publicKey }).ok
}
