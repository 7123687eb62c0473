import { isUtf8 } from 'node:buffer'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Sha256 } from '../contracts/ids.ts'
import { readJsonFile, writeJsonAtomic, writeTextAtomic } from '../platform/atomic-file.ts'
import type { Clock } from '../platform/clock.ts'
import { acquireLock } from '../platform/exclusive-lock.ts'
import { readInside, removeInside } from '../platform/read-inside.ts'
import { sha256 } from '../platform/sha256.ts'
import { writeInside } from '../platform/write-inside.ts'
import { parseEvent } from './read-events.ts'

interface Lending {
  /** The HOME of the person we run as. */
  readonly ownerHome: string
  /** Held while their file is written: agents of several lanes may share one login. */
  readonly lockFile: string
  readonly clock: Clock
}

/** A credential file is small; what is larger is something else. */
const LARGEST_BYTES = 1024 * 1024
const LOCK_WITHIN_MS = 10_000

/** What was lent to one attempt. */
const Note = z.object({ file: z.string(), home: z.string(), sha256: Sha256 })

/**
 * Copies one credential file of the owner into an agent's HOME, once it is noted what is lent. In a HOME that is gone
 * on with, whatever an agent put in its place gives way.
 * @param file relative to HOME, from the agent's type
 * @param noteFile where no agent can write
 * @returns null, or why there is nothing to lend; never what is in it.
 */
export const lendLogin = (
  { ownerHome }: Lending,
  file: string,
  home: string,
  noteFile: string,
): string | null => {
  const source = join(ownerHome, file)
  const facts = statSync(source, { throwIfNoEntry: false })
  if (facts === undefined) return `there is no ~/${file}; log in with the program itself first`
  if (!facts.isFile() || facts.size > LARGEST_BYTES) return `~/${file} is not a credential file`
  const text = readFileSync(source, 'utf8')
  writeJsonAtomic(noteFile, { file, home, sha256: sha256(text) })
  writeInside(home, file, text)
  return null
}

/**
 * Takes the copy out of the agent's HOME. What its program renewed goes back to the owner, unless the owner's file is
 * another one by now: then theirs is the newer login. Nothing happens where nothing is lent. The HOME is the agent's to
 * write: a link in it is never followed, and what cannot be a login is only removed.
 * @throws Error where the owner's file stays locked for 10 s; the copy is still there then.
 */
export const takeLoginBack = async (lending: Lending, noteFile: string): Promise<void> => {
  const note = readJsonFile(noteFile, Note)
  if (!note.ok) return
  const { file, home, sha256: lent } = note.value
  const renewed = renewedIn(home, file)
  if (renewed !== null && sha256(renewed) !== lent) await renew(lending, file, { lent, renewed })
  removeInside(home, file)
  rmSync(noteFile, { force: true })
}

const renew = async (
  { ownerHome, lockFile, clock }: Lending,
  file: string,
  { lent, renewed }: { readonly lent: string; readonly renewed: string },
): Promise<void> => {
  const deadlineMs = clock.monoMs() + LOCK_WITHIN_MS
  for (let lock = acquireLock(lockFile); ; lock = acquireLock(lockFile)) {
    if (lock === null) {
      if (clock.monoMs() > deadlineMs)
        throw new Error(`~/${file} is being renewed by another lane for too long`)
      await clock.sleep(50)
      continue
    }
    try {
      const target = join(ownerHome, file)
      const theirs = read(target)
      if (theirs !== null && sha256(theirs) === lent) writeTextAtomic(target, renewed)
    } finally {
      lock.release()
    }
    return
  }
}

/** What the program made of its copy; null where that is gone, or is no credential file any more. */
const renewedIn = (home: string, file: string): string | null => {
  const bytes = readInside(home, file, LARGEST_BYTES)
  if (bytes === null || !isUtf8(bytes)) return null
  const text = bytes.toString('utf8')
  return text.trim() === '' || (file.endsWith('.json') && parseEvent(text) === null) ? null : text
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
