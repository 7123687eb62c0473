import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export interface Tail {
  readonly lines: readonly string[]
  /** Where reading ended: a follower goes on from here. */
  readonly size: number
}

const CHUNK_BYTES = 64 * 1024
/** However long its lines are, no more than this of a file is shown at once. */
const MOST_BYTES = 16 * 1024 * 1024
const NEWLINE = 10

/** The last lines of a file, read from its end; none of a file that is not there. */
export const readTail = (path: string, count: number): Tail => {
  const file = openIfThere(path)
  if (file === null) return { lines: [], size: 0 }
  try {
    const { size } = fstatSync(file)
    const { bytes, start } = readBack(file, size, count)
    const lines = bytes.toString('utf8').split('\n')
    if (lines.at(-1) === '') lines.pop()
    // Where reading stopped short, the first line is only the end of one.
    if (start > 0 && lines.length > 1) lines.shift()
    return { lines: count === 0 ? [] : lines.slice(-count), size }
  } finally {
    closeSync(file)
  }
}

/** As much of the end as holds `count` whole lines. */
const readBack = (file: number, size: number, count: number): { bytes: Buffer; start: number } => {
  let start = size
  const chunks: Buffer[] = []
  let newlines = 0
  // One more newline than lines: the one that ends the line before the first.
  while (start > 0 && newlines <= count && size - start < MOST_BYTES) {
    const length = Math.min(CHUNK_BYTES, start)
    start -= length
    const chunk = Buffer.alloc(length)
    readSync(file, chunk, 0, length, start)
    for (const byte of chunk) if (byte === NEWLINE) newlines += 1
    chunks.unshift(chunk)
  }
  return { bytes: Buffer.concat(chunks), start }
}

const openIfThere = (path: string): number | null => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
