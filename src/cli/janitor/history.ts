import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonValue } from '../../contracts/json.ts'
import { writeAnchor } from '../../durable/anchors.ts'
import { JANITOR_STREAM, JOURNAL_CUT, JournalCut } from '../../durable/journal-cut.ts'
import { dropArchived } from '../../durable/sqlite/drop-archived.ts'
import { streamBytes } from '../../durable/sqlite/stream-bytes.ts'
import { writeArchive } from '../../durable/write-archive.ts'
import { failPoint } from '../../platform/fail-point.ts'
import { randomHex } from '../../platform/random.ts'
import { sha256 } from '../../platform/sha256.ts'
import { isoTime, relative } from '../print/format-time.ts'
import { type Chore, NOTHING_KEPT, type Plan } from './chore.ts'
import type { EndedTask } from './ended-tasks.ts'
import type { EvidencePlan } from './evidence.ts'
import { isDue, type Look } from './look.ts'

/** One archive holds this many tasks at most: its events are dropped in one transaction. */
const TASKS_AN_ARCHIVE = 200

/**
 * The journal's history of tasks that are over and have no evidence any more: moved into an archive, proved, declared,
 * anchored, and only then dropped. A drop that a crash kept from happening is caught up on first.
 */
export const planHistory = async (look: Look, evidence: EvidencePlan): Promise<Plan> => {
  const { layout, manifest, ended } = look
  const bytes = streamBytes(layout.journal)
  const late = await undropped(look, bytes)
  const isCut = new Set(late.flatMap(({ streams }) => streams.map(({ stream }) => stream)))
  const due = ended.filter(
    ({ id, endedAtMs, actors }) =>
      isDue(look, endedAtMs, manifest.retention.journalMs) &&
      !evidence.told.has(id) &&
      actors.some((actor) => bytes.has(actor) && !isCut.has(actor)),
  )
  const caughtUp = late.map((cut): Chore => {
    const held = cut.streams.reduce((sum, { stream }) => sum + (bytes.get(stream) ?? 0), 0)
    const item = { subject: cut.file, why: 'it is archived, but was not dropped yet', bytes: held }
    return { kind: 'journal', items: [item], act: () => drop(look, cut) }
  })
  if (evidence.unreadable.length > 0 && due.length > 0) {
    const why = 'some evidence cannot be read, and may name this history; see `oc-supervise verify`'
    return { chores: caughtUp, kept: due.map(({ id }) => ({ kind: 'journal', subject: id, why })) }
  }
  return { chores: [...caughtUp, ...archives(look, due, bytes)], kept: [] }
}

const archives = (look: Look, due: readonly EndedTask[], bytes: ReadonlyMap<string, number>): Chore[] => {
  const stamp = isoTime(look.nowMs).replaceAll(/[-:]|\.\d+/g, '')
  return Array.from({ length: Math.ceil(due.length / TASKS_AN_ARCHIVE) }, (_, at): Chore => {
    const tasks = due.slice(at * TASKS_AN_ARCHIVE, (at + 1) * TASKS_AN_ARCHIVE)
    const streams = tasks.flatMap(({ actors }) => actors.filter((actor) => bytes.has(actor)))
    return {
      kind: 'journal',
      items: tasks.map(({ id, endedAtMs, actors }) => ({
        subject: id,
        why: `it ended ${relative(look.nowMs, endedAtMs)}; its history goes into archive/`,
        bytes: actors.reduce((sum, actor) => sum + (bytes.get(actor) ?? 0), 0),
      })),
      act: () => archive(look, `journal-${stamp}-${randomHex(4)}.ndjson`, streams),
    }
  })
}

const archive = async (look: Look, file: string, streams: readonly string[]) => {
  const { layout, store, keys } = look
  mkdirSync(layout.archive, { recursive: true, mode: 0o700 })
  await writeAnchor(store, keys.privateKey)
  const cut = writeArchive({
    database: layout.journal,
    target: join(layout.archive, file),
    streams,
    publicKey: keys.publicKey,
  })
  failPoint('janitor.archived')
  await store.appendLaneEvent(JANITOR_STREAM, JANITOR_STREAM, JOURNAL_CUT, cut as unknown as JsonValue)
  failPoint('janitor.declared')
  return drop(look, cut)
}

/** Only what an anchor says is archived may be missing. */
const drop = async ({ layout, store, keys, clock }: Look, cut: JournalCut) => {
  await writeAnchor(store, keys.privateKey)
  failPoint('janitor.anchored')
  await dropArchived(layout.journal, clock, cut)
  return NOTHING_KEPT
}

/** Cuts that were declared, whose archive is what it was, and whose events are still here. */
const undropped = async (
  { layout, store }: Look,
  bytes: ReadonlyMap<string, number>,
): Promise<JournalCut[]> => {
  const late: JournalCut[] = []
  for (const { type, data } of await store.readStream(JANITOR_STREAM, 1)) {
    if (type !== JOURNAL_CUT) continue
    const cut = JournalCut.parse(data)
    const there = cut.streams.filter(({ stream }) => bytes.has(stream))
    const heads = await Promise.all(there.map(({ stream }) => store.head(stream)))
    // A stream that has grown since stays whole; it is archived anew.
    const isLate = there.some(({ hash }, at) => heads[at]?.hash === hash)
    if (isLate && isIntact(layout.archive, cut)) late.push(cut)
  }
  return late
}

const isIntact = (folder: string, { file, sha256: expected }: JournalCut): boolean => {
  const path = join(folder, file)
  return existsSync(path) && sha256(readFileSync(path)) === expected
}
