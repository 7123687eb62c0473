import { type FSWatcher, watch } from 'node:fs'
import type { Clock } from '../../src/platform/clock.ts'

/** How soon a file that is not there is looked for again. */
const RETRY_MS = 250

/**
 * Calls `onChange` when one file changes or is replaced. It watches the file and not its folder, so that hundreds of
 * children do not wake each other. Only a hint: it may miss changes, and whoever needs the truth looks by itself.
 * @returns how to end it.
 */
export const watchFile = (path: string, clock: Clock, onChange: () => void): (() => void) => {
  let watcher: FSWatcher | null = null
  let cancelRetry = (): void => {}
  let closed = false

  const arm = (): void => {
    watcher?.close()
    watcher = null
    if (closed) return
    try {
      watcher = watch(path, { persistent: false }, changed)
      watcher.on('error', retry)
    } catch {
      retry()
    }
  }
  // A replaced file is another one, so every change arms the watch anew before it is told.
  const changed = (): void => {
    arm()
    if (watcher !== null) onChange()
  }
  const retry = (): void => {
    watcher?.close()
    watcher = null
    cancelRetry()
    if (!closed) cancelRetry = clock.after(RETRY_MS, changed)
  }
  arm()
  return () => {
    closed = true
    cancelRetry()
    watcher?.close()
  }
}
