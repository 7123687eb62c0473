import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { MeterFile } from '../../src/contracts/meter.ts'
import { findFiles, statsInside } from './find-files.ts'

/** Files followed at once: an agent writes one, and one for each helper of its own. */
const MOST_FILES = 16
/** Also the longest line: what is longer tells of work, not of tokens. */
const CHUNK_BYTES = 1024 * 1024
/** Read of each file in one look. */
const LOOK_BYTES = 2 * CHUNK_BYTES
/** Read of all files of earlier runs together, before the agent starts. */
const OLD_BYTES = 32 * CHUNK_BYTES
const NEWLINE = 10

type OnLine = (of: MeterFile, line: string) => void

/** Gives every whole line that came since the last call. @returns false where it left something for the next one. */
export type FileFollower = (onLine: OnLine) => boolean

interface Followed {
  readonly of: MeterFile
  inode: number
  offset: number
  /** In the middle of a line that is left out. */
  skipping: boolean
}

/**
 * Follows the files that an agent writes in its HOME; what stands in them already belongs to an earlier run. Whatever
 * works in that HOME may make anything of them, links, pipes, floods, files that change under us: each look does a
 * bounded amount of work and waits for nothing, and what cannot be read says nothing.
 * @param onOld given what stands there already, at once: the agent may write it anew, or copy it into other files.
 */
export const followFiles = (home: string, wanted: readonly MeterFile[], onOld: OnLine): FileFollower => {
  const followed = new Map<string, Followed>()
  const before = new Map<string, Stats>()
  const chunk = Buffer.alloc(wanted.length === 0 ? 0 : CHUNK_BYTES)
  const every = (each: (of: MeterFile, path: string, stats: Stats) => void): void => {
    for (const of of wanted)
      for (const path of findFiles(home, of)) {
        const stats = followed.has(path) ? null : fileAt(home, path)
        if (stats !== null) each(of, path, stats)
      }
  }
  let left = OLD_BYTES
  every((of, path, stats) => {
    before.set(path, stats)
    const file: Followed = { of, inode: stats.ino, offset: 0, skipping: false }
    withFile(join(home, path), (fd) => {
      while (file.offset < left && !readLines(fd, file, chunk, (line) => onOld(of, line)));
    })
    left -= file.offset
  })

  return (onLine) => {
    every((of, path, stats) => {
      const { ino, size } = before.get(path) ?? { ino: stats.ino, size: 0 }
      const isOld = before.has(path) && ino === stats.ino && size === stats.size
      if (!isOld && followed.size < MOST_FILES)
        followed.set(path, { of, inode: ino, offset: size, skipping: false })
    })
    let isRead = true
    for (const [path, file] of followed) {
      const stats = fileAt(home, path)
      if (stats === null) followed.delete(path)
      else if (stats.ino !== file.inode || stats.size !== file.offset)
        withFile(join(home, path), (fd, now) => {
          // Replaced or cut short it begins anew; an answer that it tells again counts once.
          if (now.ino !== file.inode || now.size < file.offset)
            Object.assign(file, { inode: now.ino, offset: 0, skipping: false })
          isRead = readLines(fd, file, chunk, (line) => onLine(file.of, line)) && isRead
        })
    }
    return isRead
  }
}

/** Reads on from where it was; half a line is read again once it is whole. @returns false where it stopped before the end. */
const readLines = (fd: number, file: Followed, chunk: Buffer, onLine: (line: string) => void): boolean => {
  for (let read = 0; read < LOOK_BYTES; ) {
    const bytes = readSync(fd, chunk, 0, chunk.length, file.offset)
    const end = chunk.subarray(0, bytes).lastIndexOf(NEWLINE)
    if (end === -1 && bytes < chunk.length) return true
    const start = file.skipping ? chunk.indexOf(NEWLINE) + 1 : 0
    if (end !== -1) for (const line of chunk.toString('utf8', start, end).split('\n')) onLine(line)
    file.skipping = end === -1
    const done = end === -1 ? bytes : end + 1
    file.offset += done
    read += done
  }
  return false
}

const fileAt = (home: string, path: string): Stats | null => {
  const stats = statsInside(home, path)
  return stats?.isFile() === true ? stats : null
}

/** Opens what was a regular file a moment ago, neither through a link nor waiting for a pipe's other end. */
const withFile = (path: string, use: (fd: number, stats: Stats) => void): void => {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return
  }
  try {
    const stats = fstatSync(fd)
    if (stats.isFile()) use(fd, stats)
  } catch {
    // What cannot be read says nothing.
  } finally {
    closeSync(fd)
  }
}
