import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openHeadReader } from '../../src/durable/sqlite/head-reader.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'

test('it tells heads, and by its version whether anybody has written since', async () => {
  const path = join(makeTempDir('heads'), 'journal.db')
  const store = await openSqliteStore({ path, clock: systemClock })
  const heads = openHeadReader(path)
  const before = heads.version()
  expect(heads.head('lane-goal')).toBeNull()
  expect(heads.version()).toBe(before)
  const written = await store.appendLaneEvent('lane-goal', 'inc-a', 'started', {})
  expect(heads.version()).not.toBe(before)
  expect(heads.head('lane-goal')).toEqual(written)
  expect(heads.version()).toBe(heads.version())
  heads.close()
  await store.close()
})
