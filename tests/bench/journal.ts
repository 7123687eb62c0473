import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '../../src/platform/clock.ts'
import { built } from './support/built.ts'
import { journalOf } from './support/filled-journal.ts'
import { type Bench, judge, type Measurement, type Row, rounded } from './support/row.ts'
import { interleave, median, quantile, timeMs } from './support/stats.ts'

/** A chained, hashed event costs little more than the flush that any durable write needs. */
export const journal: Measurement = {
  name: 'journal',
  about: 'journal append against raw SQLite; verify',
  run: async (bench) => [await append(bench), await verifyAll(bench)],
}

/** As long as an ordinary event: a turn with its hashes. */
const DATA = { reason: 'x'.repeat(120) }

const append = async ({ scope, quick }: Bench): Promise<Row> => {
  const batch = quick ? 100 : 250
  const { openSqliteStore } = await built<typeof import('../../src/durable/sqlite/sqlite-store.ts')>(
    'src/durable/sqlite/sqlite-store.ts',
  )
  const dir = scope.folder('append')
  const store = await openSqliteStore({ path: join(dir, 'journal.db'), clock: systemClock })
  const raw = openRaw(join(dir, 'raw.db'))
  const rate = async (write: () => unknown): Promise<number> =>
    batch /
    ((await timeMs(async () => {
      for (let n = 0; n < batch; n += 1) await write()
    })) /
      1_000)
  const taken = await interleave(quick ? 4 : 10, {
    ours: () => rate(() => store.appendLaneEvent('lane-goal', 'inc-bench', 'turn', DATA)),
    raw: () => rate(raw.write),
  })
  await store.close()
  raw.close()
  return judge({
    name: 'journal, append',
    budget: 'journal append ≥ 0.5 × raw SQLite at the same durability',
    measured: median(taken.ours) / median(taken.raw),
    atLeast: 0.5,
    unit: '× raw SQLite',
    details: {
      'appends per s': rounded(median(taken.ours)),
      'peer: raw inserts per s': rounded(median(taken.raw)),
    },
  })
}

/** The same bytes in a table of their own; WAL and synchronous=FULL, one transaction a row, as the journal has it. */
const openRaw = (path: string) => {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  db.exec('CREATE TABLE events (n INTEGER PRIMARY KEY, bytes TEXT NOT NULL) STRICT')
  const insert = db.prepare('INSERT INTO events (bytes) VALUES (?)')
  const bytes = JSON.stringify({ ...DATA, rest: 'x'.repeat(400) })
  return {
    write: (): void => {
      db.exec('BEGIN IMMEDIATE')
      insert.run(bytes)
      db.exec('COMMIT')
    },
    close: () => db.close(),
  }
}

const verifyAll = async ({ scope, shared, quick }: Bench): Promise<Row> => {
  const events = quick ? 100_000 : 1_000_000
  const path = join(scope.folder('verify'), 'journal.db')
  await journalOf(shared, events, path)
  const { verify } = await built<typeof import('../../src/durable/verify.ts')>('src/durable/verify.ts')
  const { databaseSource } = await built<typeof import('../../src/durable/sqlite/database-source.ts')>(
    'src/durable/sqlite/database-source.ts',
  )
  const { publicKey } = generateKeyPairSync('ed25519')
  const rates: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const source = databaseSource(path)
    const tookMs = await timeMs(() => {
      const report = verify(source, { publicKey })
      if (!report.ok || report.events !== events) throw new Error(`verify found ${JSON.stringify(report)}`)
    })
    source.close()
    rates.push(events / (tookMs / 1_000))
  }
  return judge({
    name: 'journal, verify',
    budget: 'verify ≥ 100,000 events/s',
    measured: median(rates),
    atLeast: 100_000,
    unit: 'events/s',
    details: { events, 'quickest of three': rounded(quantile(rates, 1)) },
  })
}
