import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createJournalWatch } from '../../supervisor/journal-watch.ts'
import { findJournalLockHolder } from '../../supervisor/recovery/journal-lock.ts'
import type { ReportInput } from '../../supervisor/report-log.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { manualClock } from './manual-clock.ts'

let path: string
let db: DatabaseSync
let reports: ReportInput[]
/** How much there was to see whenever we were told that it has changed. */
let told: number[]
let clock: ReturnType<typeof manualClock>
let watch: ReturnType<typeof createJournalWatch>

beforeEach(() => {
  path = join(makeTempDir('journal-watch'), 'journal.db')
  db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x)')
  reports = []
  told = []
  clock = manualClock()
  watch = createJournalWatch({
    path,
    clock,
    report: (input) => reports.push(input),
    changed: () => told.push(watch.attention().length),
  })
})
afterEach(() => db.close())

/** Looks once, lets the look come to its end, and lets time pass. */
const lookOnce = async (): Promise<void> => {
  watch.look()
  await findJournalLockHolder(path)
  clock.pass(500)
}

test('a write lock held for two seconds while nothing is written is reported once, with its holder', async () => {
  db.exec('BEGIN IMMEDIATE')
  const beganMs = clock.monoMs()
  await until(async () => {
    await lookOnce()
    return reports.length > 0
  })
  expect(clock.monoMs() - beganMs).toBeGreaterThanOrEqual(2_000)
  for (let looks = 0; looks < 5; looks += 1) await lookOnce()
  expect(reports).toHaveLength(1)
  const reason = expect.stringContaining(`pid ${process.pid} `)
  expect(reports[0]).toMatchObject({ context: 'journal_blocked', reason })
  expect(watch.attention()).toMatchObject([{ kind: 'journal_blocked', subject: 'journal' }])
  db.exec('COMMIT')
  await until(async () => {
    await lookOnce()
    return watch.attention().length === 0
  })
  expect(told).toEqual([1, 0])
})

test('a busy writer that we meet at every look is not stuck', async () => {
  for (let looks = 0; looks < 10; looks += 1) {
    db.exec('BEGIN IMMEDIATE')
    await lookOnce()
    db.exec(`INSERT INTO t VALUES (${looks}); COMMIT`)
  }
  expect(reports).toEqual([])
})

test('a free lock is nothing to report', async () => {
  for (let looks = 0; looks < 10; looks += 1) await lookOnce()
  expect(reports).toEqual([])
})
