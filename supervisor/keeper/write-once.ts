import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a JSON file whole, fsynced, with its name. Replaces what is there. Imports nothing, so that a keeper starts fast. */
export const writeDurable = (path: string, value: object): void => {
  const draft = writeDraft(path, value)
  renameSync(draft, path)
  syncName(path)
}

/** The same, but only if nobody has written it yet; false if somebody has. */
export const writeOnce = (path: string, value: object): boolean => {
  const draft = writeDraft(path, value)
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft)
  }
  syncName(path)
  return true
}

const writeDraft = (path: string, value: object): string => {
  const draft = `${path}.${process.pid}.tmp`
  const file = openSync(draft, 'w', 0o600)
  try {
    // Whole, or an error: a disk that is full takes what it has room for.
    writeFileSync(file, `${JSON.stringify(value)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return draft
}

const syncName = (path: string): void => {
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
