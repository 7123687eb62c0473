import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { JsonValue } from '../../src/contracts/json.ts'
import { writeAnchor } from '../../src/durable/anchors.ts'
import { exportJournal } from '../../src/durable/export.ts'
import { exportSource } from '../../src/durable/export-source.ts'
import { importJournal } from '../../src/durable/import.ts'
import { JANITOR_STREAM, JOURNAL_CUT, type JournalCut, spansOutside } from '../../src/durable/journal-cut.ts'
import { type InstanceKeys, loadOrCreateKeys } from '../../src/durable/keys.ts'
import { databaseSource } from '../../src/durable/sqlite/database-source.ts'
import { dropArchived } from '../../src/durable/sqlite/drop-archived.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import type { Store } from '../../src/durable/store.ts'
import { verify } from '../../src/durable/verify.ts'
import { writeArchive } from '../../src/durable/write-archive.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { commitOf, ownerNamed } from './support.ts'

const owner = ownerNamed('a')
let keys: InstanceKeys
let path: string
let store: Store

/** `done` ended, `busy` goes on; their events alternate, so that dropping one leaves holes in the writer's count. */
beforeEach(async () => {
  const dir = makeTempDir('archive')
  keys = loadOrCreateKeys(join(dir, 'keys'))
  path = join(dir, 'journal.db')
  store = await openSqliteStore({ path, clock: systemClock })
  for (const actor of ['done', 'busy']) await store.claim(actor, 'goal', owner, 1_000)
  for (let seq = 0; seq < 5; seq += 1)
    for (const actor of ['done', 'busy']) {
      const status = actor === 'done' && seq === 4 ? 'done' : 'active'
      await store.commit(commitOf(owner, 1, { actor, expectedSeq: seq, snapshot: { seq }, status }))
    }
  await anchor()
})
afterEach(() => store.close())

const anchor = () => writeAnchor(store, keys.privateKey)
const target = (): string => join(dirname(path), 'archive.ndjson')
const archive = (streams = ['done']): JournalCut =>
  writeArchive({ database: path, target: target(), streams, publicKey: keys.publicKey })
const declare = (cut: JournalCut) =>
  store.appendLaneEvent(JANITOR_STREAM, 'janitor', JOURNAL_CUT, cut as unknown as JsonValue)
const drop = (cut: JournalCut) => dropArchived(path, systemClock, cut)
const cutOut = async (): Promise<JournalCut> => {
  const cut = archive()
  await declare(cut)
  await anchor()
  expect(await drop(cut)).toBe(5)
  return cut
}
const check = (source = databaseSource(path)) => {
  try {
    return verify(source, { publicKey: keys.publicKey })
  } finally {
    source.close()
  }
}
const inJournal = (statement: string): void => {
  const db = new DatabaseSync(path)
  db.exec(statement)
  db.close()
}

describe('an archive', () => {
  it('holds whole streams and verifies by itself, and once imported', () => {
    expect(archive()).toMatchObject({
      file: 'archive.ndjson',
      events: 5,
      streams: [{ stream: 'done', seq: 5 }],
    })
    expect(check(exportSource(target()))).toMatchObject({ ok: true, events: 5, streams: 1, unanchored: [] })
    const imported = join(makeTempDir('imported'), 'journal.db')
    importJournal(target(), imported)
    expect(check(databaseSource(imported))).toMatchObject({ ok: true, events: 5, unanchored: [] })
  })

  test.each([
    ['an altered event', (text: string) => text.replace('"seq":3', '"seq":4')],
    ['a missing event', (text: string) => text.split('\n').toSpliced(2, 1).join('\n')],
    ['a missing end', (text: string) => text.split('\n').toSpliced(5, 1).join('\n')],
  ])('with %s does not verify', (_, tamper) => {
    archive()
    writeFileSync(target(), tamper(readFileSync(target(), 'utf8')))
    expect(check(exportSource(target())).ok).toBe(false)
  })

  it('is not written of what no anchor covers, and leaves nothing behind', async () => {
    await store.commit(commitOf(owner, 1, { actor: 'busy', expectedSeq: 5, snapshot: { seq: 5 } }))
    expect(() => archive(['done', 'busy'])).toThrow(/busy is not whole and anchored.*nothing was dropped/)
    expect(existsSync(target())).toBe(false)
    expect(() => archive(['done', 'nobody'])).toThrow(/hold 1 of 2 streams; nothing was dropped/)
  })
})

describe('a journal whose history was cut', () => {
  it('verifies, names the archive, and goes on', async () => {
    const cut = await cutOut()
    expect(check()).toMatchObject({ ok: true, archived: [cut], unanchored: [] })
    await store.commit(commitOf(owner, 1, { actor: 'busy', expectedSeq: 5, snapshot: { seq: 5 } }))
    await anchor()
    expect(check()).toMatchObject({ ok: true, archived: [cut], unanchored: [] })
    expect(await store.loadActor('done')).toMatchObject({ status: 'done', seq: 5 })
    const text = join(dirname(path), 'export.ndjson')
    exportJournal(path, text)
    expect(check(exportSource(text))).toMatchObject({ ok: true, archived: [cut] })
  })

  it('still vouches for how the actor ended', async () => {
    await cutOut()
    inJournal(`UPDATE actors SET snapshot = '{"seq":9}' WHERE id = 'done'`)
    expect(check().altered).toEqual([
      { stream: 'done', seq: null, what: 'its state is not the one its last event produced' },
    ])
  })

  it('excuses nothing else: another hole is named, in the stream and in the count of its writer', async () => {
    await cutOut()
    inJournal(`DELETE FROM events WHERE stream = 'busy' AND seq = 2`)
    expect(check().missing).toEqual([
      { stream: 'busy', fromSeq: 2, toSeq: 2 },
      { stream: 'writer inc-a', fromSeq: 4, toSeq: 4 },
    ])
  })

  it('excuses nothing before an anchor covers its word', async () => {
    const cut = archive()
    await declare(cut)
    await drop(cut)
    const { ok, missing } = check()
    expect(ok).toBe(false)
    expect(missing).toContainEqual({ stream: 'done', fromSeq: 1, toSeq: 5 })
  })

  it('is whole while the drop has not happened yet; dropping twice is dropping once', async () => {
    const cut = archive()
    await declare(cut)
    await anchor()
    expect(check()).toMatchObject({ ok: true, events: 11 })
    expect([await drop(cut), await drop(cut)]).toEqual([5, 0])
    expect(check()).toMatchObject({ ok: true, events: 6 })
  })

  it('keeps a stream that has grown since, and one that is not done', async () => {
    const cut = archive(['done', 'busy'])
    expect(await drop(cut)).toBe(5)
    expect(await store.readStream('busy', 1)).toHaveLength(5)
    await store.commit(
      commitOf(owner, 1, { actor: 'busy', expectedSeq: 5, snapshot: { seq: 5 }, status: 'done' }),
    )
    expect(await drop(cut)).toBe(0)
    expect(await store.readStream('busy', 1)).toHaveLength(6)
  })
})

test('what spans leave over is exactly what they do not name', () => {
  const span = fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 8 }))
    .map(([from, length]): [number, number] => [from, from + length])
  fc.assert(
    fc.property(span, fc.array(span, { maxLength: 6 }), ([from, to], known) => {
      const named = (n: number) => known.some(([start, end]) => start <= n && n <= end)
      const all = Array.from({ length: to - from + 1 }, (_, at) => from + at)
      const left = spansOutside([from, to], known).flatMap(([start, end]) =>
        Array.from({ length: end - start + 1 }, (_, at) => start + at),
      )
      expect(left).toEqual(all.filter((n) => !named(n)))
    }),
  )
})
