import { statSync } from 'node:fs'
import type { Attention } from '../src/contracts/status.ts'
import type { Clock } from '../src/platform/clock.ts'
import { findJournalLockHolder } from './recovery/journal-lock.ts'
import type { ReportInput } from './report-log.ts'

/** A write lock held for so long, while nothing is written, is stuck: our transactions take milliseconds. */
const STUCK_AFTER_MS = 2_000
/** How soon we look again while somebody holds the lock, and while nobody does, in ms. */
const LOOK_AGAIN_MS = 900
const LOOK_EVERY_MS = 2_000

/** Watches the journal's write lock from outside: it needs neither the lock nor the journal. */
export interface JournalWatch {
  /** One look beside the caller, if one is due; called at every tick. */
  look(): void
  /** What a person gets to see while the lock is stuck. */
  attention(): Attention[]
}

/**
 * Creates the watch. The lock is stuck when every look of two seconds finds it with the same holder and the journal as
 * it was: a busy writer that we happen to meet twice has committed in between.
 */
export const createJournalWatch = (ports: {
  readonly path: string
  readonly clock: Clock
  readonly report: (input: ReportInput) => void
  /** What `attention` answers has changed. */
  readonly changed: () => void
}): JournalWatch => {
  const { path, clock, report } = ports
  let seen: { readonly holder: string; readonly written: string; readonly sinceMs: number } | null = null
  let stuckBy: string | null = null
  let isLooking = false
  let lookedMs = Number.NEGATIVE_INFINITY

  const note = (holder: string | null): void => {
    const written = stampOf(`${path}-wal`)
    if (holder === null || seen?.holder !== holder || seen.written !== written)
      seen = holder === null ? null : { holder, written, sinceMs: clock.monoMs() }
    const stuck = seen !== null && clock.monoMs() - seen.sinceMs >= STUCK_AFTER_MS ? seen.holder : null
    if (stuck === stuckBy) return
    stuckBy = stuck
    if (stuck !== null)
      report({
        context: 'journal_blocked',
        reason: `the journal's write lock has been held for 2 s by ${stuck}`,
        decision: 'go on without it, journal later',
      })
    ports.changed()
  }

  return {
    look: () => {
      const everyMs = seen === null ? LOOK_EVERY_MS : LOOK_AGAIN_MS
      if (isLooking || clock.monoMs() - lookedMs < everyMs) return
      isLooking = true
      lookedMs = clock.monoMs()
      void findJournalLockHolder(path).then((holder) => {
        isLooking = false
        note(holder)
      })
    },
    attention: () => {
      if (stuckBy === null) return []
      return [
        {
          kind: 'journal_blocked',
          subject: 'journal',
          reason: `the journal's write lock is held by ${stuckBy}`,
          action: 'End or continue the process that holds the journal.',
        },
      ]
    },
  }
}

const stampOf = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.size}/${found.mtimeMs}`
}
