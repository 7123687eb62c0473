import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { loadOrCreateKeys } from '../../src/durable/keys.ts'
import { databaseSource } from '../../src/durable/sqlite/database-source.ts'
import { openDatabase } from '../../src/durable/sqlite/open-database.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { verify } from '../../src/durable/verify.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { recordOf, spendOf } from './support.ts'

const VERSION_1 = readFileSync(new URL('fixtures/schema-1.sql', import.meta.url), 'utf8')

/** A journal as version 1 left it, with one record in it. */
const oldJournal = async (): Promise<string> => {
  const path = join(makeTempDir('migration'), 'journal.db')
  const store = await openSqliteStore({ path, clock: systemClock })
  await store.put(recordOf('task-1'))
  await store.close()
  const old = `${path}.old`
  const db = new DatabaseSync(old)
  db.exec('PRAGMA journal_mode = WAL')
  db.exec(VERSION_1)
  db.exec(`ATTACH '${path}' AS new`)
  for (const table of ['streams', 'writers', 'events', 'records', 'record_keys'])
    db.exec(`INSERT INTO ${table} SELECT * FROM new.${table}`)
  db.exec("INSERT INTO meta VALUES ('schema_version', '1')")
  db.close()
  return old
}

const versionOf = (path: string): unknown => {
  const db = new DatabaseSync(path, { readOnly: true })
  const row = db.prepare("SELECT value FROM meta WHERE key = 'schema_version'").get()
  db.close()
  return row?.value
}

const isIntact = (path: string): boolean => {
  const { publicKey } = loadOrCreateKeys(join(path, '../keys'))
  return verify(databaseSource(path), { publicKey }).ok
}

describe('a journal of an older version', () => {
  it('is read as it is', async () => {
    const path = await oldJournal()
    expect(isIntact(path)).toBe(true)
    openDatabase(path, { readOnly: true }).close()
    expect(versionOf(path)).toBe('1')
  })

  it('is lifted when it is opened for writing, and loses nothing', async () => {
    const path = await oldJournal()
    const [store, other] = await Promise.all([1, 2].map(() => openSqliteStore({ path, clock: systemClock })))
    expect(await store?.get('task', 'task-1')).toMatchObject({ version: 1 })
    expect(await other?.reserveSpend(spendOf('att-1'), 0, 'w')).toMatchObject({ ok: true })
    await store?.close()
    await other?.close()
    expect(versionOf(path)).toBe('2')
    expect(isIntact(path)).toBe(true)
  })

  it('has the tables of a new one afterwards', async () => {
    const tables = (path: string): unknown[] => {
      const db = new DatabaseSync(path, { readOnly: true })
      const rows = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
        .all()
      db.close()
      return rows
    }
    const lifted = await oldJournal()
    await (await openSqliteStore({ path: lifted, clock: systemClock })).close()
    const fresh = join(makeTempDir('fresh'), 'journal.db')
    await (await openSqliteStore({ path: fresh, clock: systemClock })).close()
    expect(tables(lifted)).toEqual(tables(fresh))
  })
})

describe('an entry of the ledger', () => {
  it.each([
    ['its amount', "UPDATE spend SET value = replace(value, '20', '10')"],
    ['when it ended', 'UPDATE spend SET ended_wall = 1'],
    ['whose it is', "UPDATE spend SET agent = 'b'"],
    ['that it is open', "UPDATE spend SET state = 'settled'"],
    ['that it is there', 'DELETE FROM spend'],
  ])('cannot be changed unseen: %s', async (_what, sql) => {
    const path = join(makeTempDir('spend'), 'journal.db')
    const store = await openSqliteStore({ path, clock: systemClock })
    await store.reserveSpend(spendOf('att-1'), 0, 'w')
    await store.close()
    expect(isIntact(path)).toBe(true)
    const db = new DatabaseSync(path)
    db.exec(sql)
    db.close()
    expect(isIntact(path)).toBe(false)
  })
})
