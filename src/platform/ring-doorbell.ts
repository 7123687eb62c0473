import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Wakes whoever watches this doorbell. A hint that may be lost: the rows in the journal are the truth. */
export const ringDoorbell = (path: string): void => {
  try {
    writeFileSync(path, '\n', { mode: 0o600 })
  } catch {
    hang(path)
  }
}

/** Its folder is not there the first time. */
const hang = (path: string): void => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, '\n', { mode: 0o600 })
  } catch {
    // A full disk must not stop the work whose row is already committed; the poll finds it.
  }
}
