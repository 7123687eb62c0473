import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { systemClock } from '../../platform/clock.ts'
import { paint } from '../print/paint.ts'
import { writeOut } from '../print/print-answer.ts'
import { manyLines, oneLine } from '../print/visible.ts'
import type { LogFile } from './log-files.ts'
import { readTail } from './read-tail.ts'

const LOOK_EVERY_MS = 200
const CHUNK_BYTES = 64 * 1024

/** Prints the last lines of each file; several files stand under their names. */
export const printLogs = (files: readonly LogFile[], lines: number): Follower[] =>
  files.map((file) => {
    const tail = readTail(file.path, lines)
    if (files.length > 1 && tail.lines.length > 0) writeOut(headOf(file))
    if (tail.lines.length > 0) writeOut(`${manyLines(tail.lines.join('\n'))}\n`)
    return { file, offset: tail.size, decoder: new StringDecoder('utf8') }
  })

/** One file that is followed, and how far it was printed. */
interface Follower {
  readonly file: LogFile
  offset: number
  decoder: StringDecoder
}

/** Prints what is appended, until the process is ended. A file that was cut is read from its start. */
export const followLogs = async (followers: readonly Follower[]): Promise<never> => {
  // With one file there is nothing to tell apart; of several, the next one that is written to names itself.
  let shown = followers.length === 1 ? followers[0]?.file.name : null
  for (;;) {
    for (const follower of followers) {
      const text = readNew(follower)
      if (text === '') continue
      if (shown !== follower.file.name) writeOut(headOf(follower.file))
      shown = follower.file.name
      writeOut(manyLines(text))
    }
    await systemClock.sleep(LOOK_EVERY_MS)
  }
}

const headOf = ({ name }: LogFile): string => `${paint(`==> ${oneLine(name)} <==`, 'grey')}\n`

const readNew = (follower: Follower): string => {
  const file = openIfThere(follower.file.path)
  if (file === null) return ''
  try {
    const { size } = fstatSync(file)
    if (size < follower.offset) {
      follower.offset = 0
      follower.decoder = new StringDecoder('utf8')
    }
    const bytes = Buffer.alloc(Math.min(CHUNK_BYTES, size - follower.offset))
    const length = readSync(file, bytes, 0, bytes.length, follower.offset)
    follower.offset += length
    return follower.decoder.write(bytes.subarray(0, length))
  } finally {
    closeSync(file)
  }
}

const openIfThere = (path: string): number | null => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
