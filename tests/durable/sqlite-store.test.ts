import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { JournalVersionError } from '../../src/durable/sqlite/open-database.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { describeStore } from './store-conformance.ts'
import { recordOf } from './support.ts'

describeStore('sqlite store', openSqliteStore, fileURLToPath(new URL('fixtures/racer.ts', import.meta.url)))

describe('sqlite journal', () => {
  it('refuses a database of a newer version and says so', async () => {
    const path = join(makeTempDir('schema'), 'journal.db')
    await (await openSqliteStore({ path, clock: systemClock })).close()
    const db = new DatabaseSync(path)
    db.exec("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    db.close()
    await expect(openSqliteStore({ path, clock: systemClock })).rejects.toThrow(JournalVersionError)
    await expect(openSqliteStore({ path, clock: systemClock })).rejects.toThrow(/schema version 99/)
  })

  it('waits for another writer without blocking, and goes on when it is done', async () => {
    const path = join(makeTempDir('busy'), 'journal.db')
    const store = await openSqliteStore({ path, clock: systemClock })
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const put = store.put(recordOf('t'))
    other.exec('COMMIT')
    expect(await put).toMatchObject({ ok: true })
    other.close()
    await store.close()
  })

  it('picks the next record as fast among many as among few, also when most of them wait', async () => {
    const medianMs = async (count: number): Promise<number> => {
      const path = join(makeTempDir('pick'), 'journal.db')
      const store = await openSqliteStore({ path, clock: systemClock })
      const db = new DatabaseSync(path)
      db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
        INSERT INTO records SELECT 'task', 'task-' || i, 'goal', 'Ready', i % 4, i, 1, '{}', i % 4 = 0 FROM n`)
      db.close()
      const times: number[] = []
      for (let round = 0; round < 60; round += 1) {
        const since = systemClock.monoMs()
        await store.takeRecord({
          kind: 'task',
          queue: 'goal',
          fromState: 'Ready',
          toState: 'Running',
          patch: {},
          event: 'task.claimed',
          writer: 'w',
          start: null,
        })
        times.push(systemClock.monoMs() - since)
      }
      await store.close()
      return times.sort((a, b) => a - b)[30] as number
    }
    const few = await medianMs(100)
    expect(await medianMs(50_000)).toBeLessThan(few * 20)
  })
})
