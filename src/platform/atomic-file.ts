import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { z } from 'zod'

/**
 * Writes a text file whole or not at all: temporary file, fsync, rename, fsync of the folder. Mode 0600 unless given.
 * `durable: false` leaves out the fsyncs, for facts that mean nothing after a crash of the host (heartbeats).
 * @throws Error of node:fs when the disk refuses.
 */
export const writeTextAtomic = (
  path: string,
  text: string,
  options: { mode?: number; durable?: boolean } = {},
): void => {
  const { mode = 0o600, durable = true } = options
  if (durable) {
    writeFileAtomic.sync(path, text, { mode })
    syncFolder(dirname(path))
  } else replaceFile(path, text, mode)
}

/** In a third of the time that write-file-atomic takes, for files that are written hundreds of times a minute. */
const replaceFile = (path: string, text: string, mode: number): void => {
  const unfinished = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(unfinished, text, { mode })
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
}

/** `writeTextAtomic` for one JSON value on one line. */
export const writeJsonAtomic = (
  path: string,
  value: object | string | number | boolean | null,
  options: { mode?: number; durable?: boolean } = {},
): void => writeTextAtomic(path, `${JSON.stringify(value)}\n`, options)

/**
 * Appends one line and fsyncs it. A line torn by an earlier crash is ended first, so that it cannot swallow ours.
 * `durable: false` leaves out the fsync: the line survives our own end at once, and a crash of the host a little later.
 * @throws Error when `line` holds a line break.
 */
export const appendLine = (path: string, line: string, options: { durable?: boolean } = {}): void => {
  if (/[\r\n]/.test(line)) throw new Error(`appendLine: a line for ${path} holds a line break`)
  const { durable = true } = options
  const file = openSync(path, 'a+', 0o600)
  try {
    const { size } = fstatSync(file)
    writeSync(file, `${isTorn(file, size) ? '\n' : ''}${line}\n`)
    if (durable) fsyncSync(file)
    if (size === 0) syncFolder(dirname(path))
  } finally {
    closeSync(file)
  }
}

/** Reads a JSON file against its schema. What is wrong with it is a value that names the file and the place. */
export const readJsonFile = <T>(
  path: string,
  schema: z.ZodType<T>,
): { ok: true; value: T } | { ok: false; reason: 'missing' | 'invalid'; message: string } => {
  let data: unknown
  try {
    data = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = missing ? `${path}: no such file` : `${path}: ${(error as Error).message}`
    return { ok: false, reason: missing ? 'missing' : 'invalid', message }
  }
  const parsed = schema.safeParse(data)
  if (parsed.success) return { ok: true, value: parsed.data }
  const places = parsed.error.issues.map(
    (issue) => `${issue.path.map(String).join('.') || '(top)'}: ${issue.message}`,
  )
  return { ok: false, reason: 'invalid', message: `${path}: ${places.join('; ')}` }
}

/** Makes a folder's entries (new names, renames) survive a crash of the host. */
export const syncFolder = (path: string): void => {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

const isTorn = (file: number, size: number): boolean => {
  if (size === 0) return false
  const last = Buffer.alloc(1)
  readSync(file, last, 0, 1, size - 1)
  return last[0] !== 0x0a
}
