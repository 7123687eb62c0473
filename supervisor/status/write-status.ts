import type { StatusFile } from '../../src/contracts/status.ts'
import { writeJsonAtomic } from '../../src/platform/atomic-file.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { tryWrite } from '../../src/platform/try-write.ts'
import { statusRefreshMs } from './status-refresh.ts'

/**
 * Replaces status.json whole. Fsynced only where it records a stop: a status that a crash of the host rolls back to an
 * older one is of another boot anyway.
 */
export const writeStatus = (path: string, status: StatusFile): void =>
  writeJsonAtomic(path, status, { durable: status.cleanStop !== null })

/** Keeps status.json fresh for as long as the supervisor lives. */
interface StatusWriter {
  /** Something changed: it is written soon, together with what else changes until then. */
  changed(): void
  /** Writes now, and no more after that. */
  close(): void
}

/** How long changes are collected before they are written. */
const COLLECT_MS = 25
/** How soon it is tried again where the disk took nothing. */
const REFUSED_RETRY_MS = 1_000

/**
 * Writes status.json at once, after every change, and again before its facts get stale (statusRefreshMs): a file that is
 * not renewed is how `status` knows a supervisor that hangs. What says the same as the file is not written again before.
 */
export const createStatusWriter = (path: string, clock: Clock, compose: () => StatusFile): StatusWriter => {
  let cancel = (): void => {}
  let collecting = false
  let closed = false
  let written = { facts: '', atMs: Number.NEGATIVE_INFINITY }
  const write = (): void => {
    cancel()
    collecting = false
    const status = compose()
    const facts = JSON.stringify({ ...status, writtenAt: null })
    const refreshMs = statusRefreshMs(status.children)
    const leftMs = written.atMs + refreshMs - clock.monoMs()
    const isKnown = facts === written.facts && leftMs > 0 && !closed
    const isRefused = !isKnown && tryWrite(() => writeStatus(path, status)) !== null
    if (!isKnown && !isRefused) written = { facts, atMs: clock.monoMs() }
    // What the disk did not take is not known: it is tried again soon.
    const nextMs = isRefused ? REFUSED_RETRY_MS : isKnown ? leftMs : refreshMs
    if (!closed) cancel = clock.after(nextMs, write)
  }
  write()
  return {
    changed: () => {
      if (collecting || closed) return
      cancel()
      collecting = true
      cancel = clock.after(COLLECT_MS, write)
    },
    close: () => {
      closed = true
      write()
    },
  }
}
