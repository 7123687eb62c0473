import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemClock } from './clock.ts'

/**
 * Wakes whoever watches this doorbell. A hint that may be lost: the rows in the journal are the truth. Only its times
 * change: a file that is cut and written again has the file system flush it, and it rings at every turn.
 */
export const ringDoorbell = (path: string): void => {
  const now = systemClock.wallMs() / 1000
  try {
    utimesSync(path, now, now)
  } catch {
    hang(path)
  }
}

/** Its file or its folder is not there the first time. */
const hang = (path: string): void => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, '\n', { mode: 0o600 })
  } catch {
    // A full disk must not stop the work whose row is already committed; the poll finds it.
  }
}
