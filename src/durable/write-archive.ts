import type { KeyObject } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { syncFolder } from '../platform/atomic-file.ts'
import { sha256 } from '../platform/sha256.ts'
import { AnchorDraft } from './anchor.ts'
import { exportSource } from './export-source.ts'
import { type ArchiveHeader, addToSpans, type JournalCut, type SeqSpan } from './journal-cut.ts'
import type { JournalSource, RawEvent } from './journal-source.ts'
import { readTail } from './read-tail.ts'
import { databaseSource } from './sqlite/database-source.ts'
import { verify } from './verify.ts'

/** Streams that could not be archived whole; nothing was kept of the try. */
export class ArchiveError extends Error {
  constructor(file: string, reason: string) {
    super(`${file}: ${reason}; nothing was dropped`)
    this.name = 'ArchiveError'
  }
}

/**
 * Writes whole streams of a journal, with the anchors that name them, to a file, and proves by the same code as every
 * verification that it holds all of them and that each end is anchored. The file is on the disk before it is told.
 * @param target a new file
 * @returns what to declare in the journal before anything is dropped
 * @throws ArchiveError where the proof fails; Error of node:fs where the file is there or cannot be written.
 */
export const writeArchive = (input: {
  readonly database: string
  readonly target: string
  readonly streams: readonly string[]
  readonly publicKey: KeyObject
}): JournalCut => {
  const { target } = input
  const source = databaseSource(input.database)
  const file = openSync(target, 'wx', 0o600)
  try {
    const held = copyStreams(source, new Set(input.streams), (line) => writeSync(file, `${line}\n`))
    fsyncSync(file)
    proveArchive(target, held, input)
    syncFolder(dirname(target))
    return { v: 1, file: basename(target), sha256: sha256(readFileSync(target)), ...held }
  } catch (error) {
    rmSync(target, { force: true })
    throw error
  } finally {
    closeSync(file)
    source.close()
  }
}

type Held = Pick<JournalCut, 'events' | 'streams' | 'writers'>

const copyStreams = (
  source: JournalSource,
  wanted: ReadonlySet<string>,
  write: (line: string) => void,
): Held => {
  const header: ArchiveHeader = { v: 1, streams: [...wanted] }
  write(`{"archive":${JSON.stringify(header)}}`)
  const ends = new Map<string, JournalCut['streams'][number]>()
  const writers: Record<string, SeqSpan[]> = {}
  let events = 0
  for (const raw of source.events()) {
    if (raw.place === null || !wanted.has(raw.place.stream)) continue
    write(`{"hash":"${raw.hash}","event":${raw.bytes}}`)
    events += 1
    const { stream, seq, writer, writerSeq } = raw.place
    ends.set(stream, { stream, seq, hash: raw.hash, stateHash: stateHashOf(raw) })
    writers[writer] ??= []
    addToSpans(writers[writer], writerSeq)
  }
  for (const { hash, signature, bytes } of source.anchors()) {
    const { heads } = AnchorDraft.parse(JSON.parse(bytes))
    if (heads.some(({ stream }) => wanted.has(stream)))
      write(`{"hash":"${hash}","signature":"${signature}","anchor":${bytes}}`)
  }
  return { events, streams: [...ends.values()], writers }
}

const stateHashOf = (raw: RawEvent): string => readTail(raw.bytes)?.stateHash ?? ''

const proveArchive = (
  target: string,
  held: Held,
  { streams, publicKey }: { readonly streams: readonly string[]; readonly publicKey: KeyObject },
): void => {
  const { ok, events, unanchored, altered, missing } = verify(exportSource(target), { publicKey })
  const fault = [...altered, ...missing, ...unanchored][0]
  if (!ok || fault !== undefined)
    throw new ArchiveError(
      target,
      `${fault?.stream ?? 'it'} is not whole and anchored; see oc-supervise verify`,
    )
  if (events !== held.events || held.streams.length !== new Set(streams).size)
    throw new ArchiveError(target, `it would hold ${held.streams.length} of ${streams.length} streams`)
}
