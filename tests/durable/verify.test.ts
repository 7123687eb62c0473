import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SignedAnchor } from '../../src/durable/anchor.ts'
import { writeAnchor } from '../../src/durable/anchors.ts'
import { exportJournal } from '../../src/durable/export.ts'
import { ExportLineError, exportSource } from '../../src/durable/export-source.ts'
import { importJournal } from '../../src/durable/import.ts'
import { type InstanceKeys, loadOrCreateKeys } from '../../src/durable/keys.ts'
import { databaseSource } from '../../src/durable/sqlite/database-source.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { type VerifyReport, verify } from '../../src/durable/verify.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { sha256 } from '../../src/platform/sha256.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { commitOf, ownerNamed, recordOf } from './support.ts'

const owner = ownerNamed('a')
let keys: InstanceKeys
let original: string
let anchors: SignedAnchor[]
/** The journal as it was between the two anchors. */
let older: string

/** Actors x and y with ten events each, one record, one lane; anchored after eight; the rest is tail. */
beforeAll(async () => {
  const dir = makeTempDir('verify')
  keys = loadOrCreateKeys(join(dir, 'keys'))
  original = join(dir, 'journal.db')
  anchors = []
  const store = await openSqliteStore({ path: original, clock: systemClock })
  for (const actor of ['x', 'y']) await store.claim(actor, 'goal', owner, 1_000)
  for (let seq = 0; seq < 10; seq += 1) {
    for (const actor of ['x', 'y'])
      await store.commit(
        commitOf(owner, 1, {
          actor,
          expectedSeq: seq,
          event: { type: 'E', data: { seq, note: ',"prev":"not this one"' } },
          snapshot: { seq },
        }),
      )
    if (seq === 3 || seq === 7) anchors.push((await writeAnchor(store, keys.privateKey)) as SignedAnchor)
    if (seq === 5) older = copy()
  }
  await store.put(recordOf('t1'))
  await store.appendLaneEvent('lane-goal', 'w', 'started', { pid: 1 })
  await store.close()
})

const copy = (): string => {
  const path = join(makeTempDir('tampered'), 'journal.db')
  const db = new DatabaseSync(original)
  db.exec(`VACUUM INTO '${path}'`)
  db.close()
  return path
}

const tampered = (...statements: string[]): VerifyReport => {
  const path = copy()
  const db = new DatabaseSync(path)
  for (const statement of statements) db.exec(statement)
  db.close()
  return check(path)
}

const check = (path: string, against: SignedAnchor | null = null): VerifyReport => {
  const source = databaseSource(path)
  try {
    return verify(source, { publicKey: keys.publicKey, against })
  } finally {
    source.close()
  }
}

const newest = (): SignedAnchor => anchors.at(-1) as SignedAnchor

describe('an untouched journal', () => {
  it('verifies, and its unanchored tail is named apart', () => {
    expect(check(original)).toEqual({
      ok: true,
      events: 22,
      streams: 4,
      anchors: 2,
      altered: [],
      missing: [],
      unanchored: [
        { stream: 'x', fromSeq: 9, toSeq: 10 },
        { stream: 'y', fromSeq: 9, toSeq: 10 },
        { stream: 'record/task/t1', fromSeq: 1, toSeq: 1 },
        { stream: 'lane-goal', fromSeq: 1, toSeq: 1 },
      ],
      archived: [],
      rolledBack: false,
    })
    expect(check(original, newest()).ok).toBe(true)
  })

  it('verifies from its export and the public key alone, and again once imported', () => {
    const dir = makeTempDir('export')
    const file = join(dir, 'journal.ndjson')
    expect(exportJournal(original, file)).toEqual({ events: 22, anchors: 2 })
    const report = verify(exportSource(file), { publicKey: keys.publicKey, against: newest() })
    expect(report).toMatchObject({ ok: true, events: 22, anchors: 2 })
    expect(importJournal(file, join(dir, 'again.db'))).toEqual({ events: 22, anchors: 2 })
    expect(check(join(dir, 'again.db'), newest())).toMatchObject({ ok: true, events: 22, anchors: 2 })
    expect(() => importJournal(file, join(dir, 'again.db'))).toThrow(/exists already/)
  })
})

describe('tampering is found and named', () => {
  it('one byte of an event', () => {
    const report = tampered(
      `UPDATE events SET bytes = replace(bytes, 'not this one', 'not this onf') WHERE stream = 'x' AND seq = 5`,
    )
    expect(report).toMatchObject({ ok: false, missing: [] })
    expect(report.altered).toEqual([{ stream: 'x', seq: 5, what: 'the event does not have its hash' }])
  })

  it('an event altered together with its hash, inside the chain and at an anchored end', () => {
    const rehash = (seq: number) => {
      const path = copy()
      const db = new DatabaseSync(path)
      db.function('rehash', (text) => sha256(String(text)))
      db.exec(
        `UPDATE events SET bytes = replace(bytes, 'not this one', 'not this onf') WHERE stream = 'x' AND seq = ${seq}`,
      )
      db.exec(`UPDATE events SET hash = rehash(bytes) WHERE stream = 'x' AND seq = ${seq}`)
      db.close()
      return check(path).altered
    }
    expect(rehash(5)).toEqual([{ stream: 'x', seq: 5, what: 'the event after it names another hash' }])
    expect(rehash(8)).toEqual([{ stream: 'x', seq: 8, what: 'the event is not the one that was anchored' }])
    expect(rehash(10)).toEqual([{ stream: 'x', seq: 10, what: 'its head names another event' }])
  })

  it.each([
    ['an actor’s snapshot', `UPDATE actors SET snapshot = '{"seq":8}' WHERE id = 'x'`, 'x'],
    ['an actor’s status', `UPDATE actors SET status = 'done' WHERE id = 'y'`, 'y'],
    ['a record’s value', `UPDATE records SET value = replace(value, 'Ready', 'Reedy')`, 'record/task/t1'],
    ['a record’s state', `UPDATE records SET state = 'Done'`, 'record/task/t1'],
    ['a record that is gone', `DELETE FROM records`, 'record/task/t1'],
    [
      'a record nobody wrote',
      `INSERT INTO records SELECT kind, 't2', queue, state, rank, created_ms, version, value, 0 FROM records`,
      'record/task/t2',
    ],
  ])('%s', (_, statement, stream) => {
    const { ok, altered, missing } = tampered(statement)
    expect({ ok, altered, missing }).toMatchObject({
      ok: false,
      altered: [{ stream, seq: null }],
      missing: [],
    })
  })

  it('the last three events of an anchored stream, cut with their head', () => {
    const report = tampered(
      `DELETE FROM events WHERE stream = 'x' AND seq > 5`,
      `UPDATE streams SET seq = 5, head = (SELECT hash FROM events WHERE stream = 'x' AND seq = 5) WHERE name = 'x'`,
    )
    expect(report.missing).toContainEqual({ stream: 'x', fromSeq: 6, toSeq: 8 })
    expect(report.ok).toBe(false)
  })

  it('an unanchored tail cut with its head, by the writer’s count', () => {
    const report = tampered(
      `DELETE FROM events WHERE stream = 'x' AND seq > 9`,
      `UPDATE streams SET seq = 9, head = (SELECT hash FROM events WHERE stream = 'x' AND seq = 9) WHERE name = 'x'`,
    )
    expect(report.missing).toEqual([{ stream: 'writer inc-a', fromSeq: 19, toSeq: 19 }])
  })

  it('events from the middle of a stream', () => {
    const { missing, altered } = tampered(`DELETE FROM events WHERE stream = 'y' AND seq IN (4, 5)`)
    expect(missing).toContainEqual({ stream: 'y', fromSeq: 4, toSeq: 5 })
    expect(altered).toEqual([])
  })

  it('a whole stream', () => {
    const report = tampered(`DELETE FROM events WHERE stream = 'y'`, `DELETE FROM streams WHERE name = 'y'`)
    expect(report.missing).toContainEqual({ stream: 'y', fromSeq: 1, toSeq: 8 })
    expect(report.altered).toContainEqual({ stream: 'y', seq: null, what: 'no event vouches for its state' })
  })

  it('an anchor that is altered or gone', () => {
    expect(
      tampered(`UPDATE anchors SET bytes = replace(bytes, '"events":8', '"events":7') WHERE n = 1`).altered,
    ).toEqual([{ stream: 'anchors', seq: 1, what: 'the anchor does not have its hash' }])
    expect(tampered('DELETE FROM anchors WHERE n = 1').missing).toEqual([
      { stream: 'anchors', fromSeq: 1, toSeq: 1 },
    ])
  })

  it('anchors signed by somebody else', () => {
    const other = loadOrCreateKeys(join(makeTempDir('other-keys'), 'keys'))
    const { altered } = verify(databaseSource(original), { publicKey: other.publicKey })
    expect(altered).toMatchObject([
      { stream: 'anchors', seq: 1, what: 'the anchor was not signed by this key' },
      { stream: 'anchors', seq: 2, what: 'the anchor was not signed by this key' },
    ])
  })

  it('a database rolled back as a whole, against an anchor kept elsewhere', () => {
    expect(check(older)).toMatchObject({ ok: true, rolledBack: false })
    expect(check(older, anchors[0])).toMatchObject({ ok: true, rolledBack: false })
    expect(check(older, newest())).toMatchObject({
      ok: false,
      rolledBack: true,
      altered: [],
      missing: [
        { stream: 'x', fromSeq: 7, toSeq: 8 },
        { stream: 'y', fromSeq: 7, toSeq: 8 },
      ],
    })
  })

  it('a forged anchor to verify against', () => {
    const forged = { ...newest(), signature: (anchors[0] as SignedAnchor).signature }
    expect(check(original, forged)).toMatchObject({ ok: false, altered: [{ stream: 'anchors', seq: 2 }] })
  })

  it('a rewritten history with anchors of the same key', async () => {
    const path = join(makeTempDir('rewritten'), 'journal.db')
    const store = await openSqliteStore({ path, clock: systemClock })
    await store.claim('x', 'goal', owner, 1_000)
    for (let seq = 0; seq < 12; seq += 1) {
      await store.commit(commitOf(owner, 1, { actor: 'x', expectedSeq: seq }))
      await writeAnchor(store, keys.privateKey)
    }
    await store.close()
    expect(check(path)).toMatchObject({ ok: true })
    expect(check(path, newest())).toMatchObject({
      ok: false,
      rolledBack: true,
      altered: [{ stream: 'x', seq: 8 }],
      missing: [{ stream: 'y', fromSeq: 1, toSeq: 8 }],
    })
  })

  it('any flipped bit of an export', () => {
    const file = join(makeTempDir('flip'), 'journal.ndjson')
    exportJournal(original, file)
    const bytes = readFileSync(file)
    const flipped = `${file}.flipped`
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] as number) ^ (1 << bit)
        writeFileSync(flipped, changed)
        try {
          return !verify(exportSource(flipped), { publicKey: keys.publicKey }).ok
        } catch (error) {
          return error instanceof ExportLineError
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('any sequence of writes', () => {
  it('keeps every chain valid, with anchors anywhere between', async () => {
    const name = fc.constantFrom('a', 'b', 'c')
    const step = fc.oneof(
      fc.record({
        op: fc.constant('commit' as const),
        name,
        data: fc.json().map((text) => JSON.parse(text)),
      }),
      fc.record({ op: fc.constant('put' as const), name, data: fc.string() }),
      fc.record({ op: fc.constant('lane' as const), name, data: fc.string() }),
      fc.record({ op: fc.constant('anchor' as const), name, data: fc.constant('') }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const path = join(makeTempDir('any'), 'journal.db')
        const store = await openSqliteStore({ path, clock: systemClock })
        let written = 0
        for (const [index, { op, name, data }] of steps.entries()) {
          if (op === 'anchor') await writeAnchor(store, keys.privateKey)
          else written += 1
          if (op === 'lane') await store.appendLaneEvent(`lane-${name}`, `w-${name}`, 'said', data)
          if (op === 'put') {
            const expectedVersion = (await store.get('task', name))?.version ?? 0
            await store.put(recordOf(name, { expectedVersion, key: `k${index}`, value: { data } }))
          }
          if (op === 'commit') {
            const expectedSeq = (await store.head(name)).version
            const claimed = await store.claim(name, 'goal', ownerNamed(name), 1_000)
            if (!claimed.ok) throw new Error('unreachable')
            const event = { type: 'E', data }
            await store.commit(
              commitOf(ownerNamed(name), claimed.lease.token, {
                actor: name,
                expectedSeq,
                event,
                snapshot: data,
              }),
            )
          }
        }
        await store.close()
        const { ok, events, altered, missing } = check(path)
        expect({ ok, events, altered, missing }).toEqual({
          ok: true,
          events: written,
          altered: [],
          missing: [],
        })
      }),
      { numRuns: 25 },
    )
  })
})

it('a mark that the journal was imported hides no changed state', () => {
  const report = tampered(
    "INSERT INTO meta VALUES ('imported', '1')",
    `UPDATE actors SET snapshot = '{"seq":99}' WHERE id = 'x'`,
  )
  expect(report.altered).toMatchObject([{ stream: 'x', seq: null }])
})
