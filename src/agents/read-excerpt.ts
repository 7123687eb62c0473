import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

const EXCERPT_BYTES = 4000

/**
 * The last lines of a stream file, at most 4,000 bytes, without control characters; untrusted text.
 * Null where the file is missing or empty.
 */
export const readExcerpt = (path: string): string | null => {
  const text = stripVTControlCharacters(readTail(path, EXCERPT_BYTES))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes must not reach prompts or terminals
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trim()
  return text === '' ? null : text
}

/** The last `bytes` of a file as text; '' where it cannot be read. A character cut in half at the front is dropped. */
export const readTail = (path: string, bytes: number): string => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return ''
  }
  try {
    const size = fstatSync(fd).size
    const start = Math.max(0, size - bytes)
    const buffer = Buffer.alloc(size - start)
    const read = readSync(fd, buffer, 0, buffer.length, start)
    const text = buffer.toString('utf8', 0, read)
    return start === 0 ? text : text.replace(/^\ufffd+/, '')
  } finally {
    closeSync(fd)
  }
}
