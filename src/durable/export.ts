import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { databaseSource } from './sqlite/database-source.ts'

/** Lines are collected to about this many characters before they are written. */
const CHUNK_CHARACTERS = 1 << 20

/**
 * Writes all events (in the order they were written) and all anchors of a journal as NDJSON, exactly the bytes that
 * were hashed and signed. `verify` needs nothing but this file and the public key.
 * @throws Error of node:fs when the target exists already.
 */
export const exportJournal = (database: string, target: string): { events: number; anchors: number } => {
  const source = databaseSource(database)
  const file = openSync(target, 'wx', 0o600)
  let pending = ''
  const flush = (): void => {
    if (pending !== '') writeSync(file, pending)
    pending = ''
  }
  const write = (line: string): void => {
    pending += `${line}\n`
    if (pending.length >= CHUNK_CHARACTERS) flush()
  }
  const count = { events: 0, anchors: 0 }
  try {
    for (const { hash, bytes } of source.events()) {
      write(`{"hash":"${hash}","event":${bytes}}`)
      count.events += 1
    }
    for (const { hash, signature, bytes } of source.anchors()) {
      write(`{"hash":"${hash}","signature":"${signature}","anchor":${bytes}}`)
      count.anchors += 1
    }
    flush()
    fsyncSync(file)
  } finally {
    closeSync(file)
    source.close()
  }
  return count
}
