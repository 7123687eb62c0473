import { closeSync, openSync, readSync } from 'node:fs'
import { ArchiveHeader } from './journal-cut.ts'
import type { JournalSource, RawAnchor, RawEvent } from './journal-source.ts'

const EVENT_LINE = /^\{"hash":"([0-9a-f]{64})","event":(.*)\}$/s
const ARCHIVE_LINE = /^\{"archive":(.*)\}$/s
const ANCHOR_LINE = /^\{"hash":"([0-9a-f]{64})","signature":"([A-Za-z0-9+/=]+)","anchor":(.*)\}$/s

/** A line of an export that is neither an event nor an anchor. */
export class ExportLineError extends Error {
  constructor(path: string, line: number) {
    super(`${path}:${line}: neither an event nor an anchor; the export is damaged, export again`)
    this.name = 'ExportLineError'
  }
}

/**
 * Reads an export for verification or import. The bytes are taken from the line as they stand, never built again.
 * Iterating @throws ExportLineError.
 */
export const exportSource = (path: string): JournalSource => ({
  events: function* () {
    for (const line of checkedLines(path)) if (line.event !== null) yield line.event
  },
  anchors: function* () {
    for (const line of checkedLines(path)) if (line.anchor !== null) yield line.anchor
  },
  scope: () => scopeOf(path),
  states: () => null,
  heads: () => null,
  writers: () => null,
  close: () => {},
})

function* checkedLines(path: string): Iterable<{ event: RawEvent | null; anchor: RawAnchor | null }> {
  let number = 0
  for (const line of linesOf(path)) {
    number += 1
    if (number === 1 && ARCHIVE_LINE.test(line)) continue
    const event = EVENT_LINE.exec(line)
    if (event !== null) {
      yield { event: { hash: event[1] as string, bytes: event[2] as string, place: null }, anchor: null }
      continue
    }
    const anchor = ANCHOR_LINE.exec(line)
    if (anchor === null) throw new ExportLineError(path, number)
    const [, hash, signature, bytes] = anchor as unknown as [string, string, string, string]
    yield { event: null, anchor: { hash, signature, bytes } }
  }
}

/** The first line of an archive says which streams it holds. @throws ExportLineError */
const scopeOf = (path: string): ReadonlySet<string> | null => {
  const header = ARCHIVE_LINE.exec(firstLineOf(path))
  if (header === null) return null
  try {
    return new Set(ArchiveHeader.parse(JSON.parse(header[1] as string)).streams)
  } catch {
    throw new ExportLineError(path, 1)
  }
}

const firstLineOf = (path: string): string => {
  for (const line of linesOf(path)) return line
  return ''
}

/** A file's lines without holding more than one chunk of it. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r')
  const chunk = Buffer.alloc(1 << 20)
  let rest: Buffer = Buffer.alloc(0)
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      const data = Buffer.concat([rest, chunk.subarray(0, read)])
      let start = 0
      for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, start)) {
        yield data.toString('utf8', start, end)
        start = end + 1
      }
      rest = data.subarray(start)
    }
    if (rest.length > 0) yield rest.toString('utf8')
  } finally {
    closeSync(file)
  }
}
