import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/**
 * The last `bytes` of a file, or of its first `endBytes`, as text; '' where it cannot be read. A character cut in half
 * at the front is dropped.
 */
export const readTail = (path: string, bytes: number, endBytes = Number.POSITIVE_INFINITY): string => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return ''
  }
  try {
    const size = Math.min(fstatSync(fd).size, endBytes)
    const start = Math.max(0, size - bytes)
    const buffer = Buffer.alloc(size - start)
    const read = readSync(fd, buffer, 0, buffer.length, start)
    const text = buffer.toString('utf8', 0, read)
    return start === 0 ? text : text.replace(/^\ufffd+/, '')
  } finally {
    closeSync(fd)
  }
}
