import { type FileHandle, open } from 'node:fs/promises'
import type { Redactor } from './redact.ts'

/** A stream as evidence keeps it. */
export interface BoundedCopy {
  readonly bytes: Buffer
  /** What is not verbatim, as one sentence; null where every byte is. */
  readonly note: string | null
}

/**
 * Reads a file for evidence: redacted, and where it is longer than `limitBytes` its beginning and its end with a line
 * between them that says how much is missing. Null where there is no such file.
 */
export const boundedCopy = async (
  path: string,
  options: { limitBytes: number; redactor: Redactor; asJsonLine: boolean },
): Promise<BoundedCopy | null> => {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const { size } = await file.stat()
    return size <= options.limitBytes
      ? await whole(file, size, options.redactor)
      : await headAndTail(file, size, options)
  } finally {
    await file.close()
  }
}

const whole = async (file: FileHandle, size: number, redactor: Redactor): Promise<BoundedCopy> => {
  const { bytes, count } = redactor.bytes(await readAt(file, 0, size))
  return { bytes, note: noteOf(null, count) }
}

/**
 * Both parts are read `reach` further than they are kept: a secret across the cut is then found whole, and the rest of
 * one that the window itself cuts is thrown away. They end at a line's end where there is one.
 */
const headAndTail = async (
  file: FileHandle,
  size: number,
  { limitBytes, redactor, asJsonLine }: { limitBytes: number; redactor: Redactor; asJsonLine: boolean },
): Promise<BoundedCopy> => {
  const half = Math.floor(limitBytes / 2)
  const reach = redactor.reachBytes
  const first = redactor.bytes(await readAt(file, 0, half + reach))
  const last = redactor.bytes(await readAt(file, Math.max(0, size - half - reach), half + reach))
  // A window that takes in the whole file cuts nothing.
  const unsure = half + reach < size ? reach : 0
  const head = upToLine(first.bytes.subarray(0, Math.max(0, Math.min(half, first.bytes.length - unsure))))
  const tail = fromLine(last.bytes.subarray(Math.max(unsure, last.bytes.length - half)))
  const kept = { of: size, first: head.length, last: tail.length }
  const mark = asJsonLine
    ? JSON.stringify({ 'oc-supervise': 'middle left out', ...kept })
    : `[oc-supervise: middle left out; ${kept.first} + ${kept.last} of ${kept.of} bytes are kept]`
  const gap = head.length === 0 || head.at(-1) === NEWLINE ? '' : '\n'
  const bytes = Buffer.concat([head, Buffer.from(`${gap}${mark}\n`), tail])
  return { bytes, note: noteOf(kept, first.count + last.count) }
}

const upToLine = (bytes: Buffer): Buffer => {
  const end = bytes.lastIndexOf(NEWLINE)
  return end === -1 ? bytes : bytes.subarray(0, end + 1)
}

const fromLine = (bytes: Buffer): Buffer => {
  const start = bytes.indexOf(NEWLINE)
  return start === -1 || start === bytes.length - 1 ? bytes : bytes.subarray(start + 1)
}

const readAt = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, position + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return buffer.subarray(0, read)
}

const noteOf = (
  kept: { of: number; first: number; last: number } | null,
  redactions: number,
): string | null => {
  const parts = [
    ...(kept === null
      ? []
      : [`the middle was left out (${kept.first} + ${kept.last} of ${kept.of} bytes are kept)`]),
    ...(redactions === 0 ? [] : [`${redactions} secret value(s) were redacted`]),
  ]
  return parts.length === 0 ? null : parts.join('; ')
}

const NEWLINE = 0x0a
