import type { IncarnationId } from '../src/contracts/ids.ts'
import type { Attention } from '../src/contracts/status.ts'
import { SupervisorReport } from '../src/contracts/supervisor-report.ts'
import type { Clock } from '../src/platform/clock.ts'
import { readTail } from '../src/platform/read-tail.ts'
import { syncBehind } from '../src/platform/sync-behind.ts'
import { keptLines } from './kept-lines.ts'
import type { JournalPort } from './supervisor-api.ts'

/** What a caller says; number and time are the log's. */
export type ReportInput = Pick<SupervisorReport, 'context' | 'reason' | 'decision'> &
  Partial<Pick<SupervisorReport, 'child' | 'incarnation' | 'budgetLeft' | 'nextAt' | 'data'>>

export interface ReportLog {
  /** Appends one report; call it before carrying out what it says. Flushed to the disk and journaled behind. */
  report(input: ReportInput): SupervisorReport
  /** Why the journal does not take reports, once it has refused for `JOURNAL_BLOCKED_MS`; null while it does. */
  journalBlocked(): string | null
  /** Why the disk takes nothing of what is reported; null while it does. Asked, it tries again. */
  diskRefusal(): string | null
  /** Ends the log: the journal gets `withinMs` to take what is left, and nothing is tried after that. */
  end(withinMs: number): Promise<void>
}

/** A journal that takes nothing for this long is a diagnosis of its own. */
const JOURNAL_BLOCKED_MS = 2_000
const RETRY_MS = 500
const TAIL_BYTES = 64 * 1024

/** Opens `supervisor.ndjson`; numbering goes on where the last supervisor stopped. */
export const openReportLog = (options: {
  readonly path: string
  readonly clock: Clock
  readonly supervisor: IncarnationId
  readonly journal: JournalPort | null
  /** What `journalBlocked` answers has changed. The disk's refusal is told to whoever asks. */
  readonly changed: () => void
}): ReportLog => {
  const { path, clock, journal } = options
  let n = lastNumber(path)
  const disk = syncBehind(path)
  const lines = keptLines(path)
  const outbox: SupervisorReport[] = []
  const over = new AbortController()
  let sending: Promise<void> | null = null
  let refusedSinceMs: number | null = null
  let refusal = ''
  let isReported = false

  const report = (input: ReportInput): SupervisorReport => {
    n += 1
    const line: SupervisorReport = {
      v: 1,
      n,
      at: clock.now(),
      child: null,
      incarnation: null,
      budgetLeft: null,
      nextAt: null,
      data: {},
      ...input,
    }
    // A stop of hundreds says hundreds of things: their flushes, one by one, would be longer than any grace.
    lines.append(JSON.stringify(line))
    disk.soon()
    if (journal !== null) {
      outbox.push(line)
      sending ??= send(journal).finally(() => {
        sending = null
      })
    }
    return line
  }

  const send = async (port: JournalPort): Promise<void> => {
    for (let next = outbox[0]; next !== undefined && !over.signal.aborted; next = outbox[0]) {
      try {
        await port.record(options.supervisor, next)
        outbox.shift()
        refusedSinceMs = null
        if (isReported) options.changed()
        isReported = false
      } catch (error) {
        refusedSinceMs ??= clock.monoMs()
        refusal = (error as Error).message
        sayBlocked()
        await clock.sleep(RETRY_MS, over.signal)
      }
    }
  }

  const blockedBy = (): string | null =>
    refusedSinceMs !== null && clock.monoMs() - refusedSinceMs >= JOURNAL_BLOCKED_MS ? refusal : null

  const sayBlocked = (): void => {
    const reason = blockedBy()
    if (reason === null || isReported) return
    isReported = true
    report({ context: 'journal_blocked', reason, decision: 'go on without it, try again' })
    options.changed()
  }

  return {
    report,
    journalBlocked: blockedBy,
    diskRefusal: () => {
      if (lines.refusal() !== null) lines.retry()
      return lines.refusal()
    },
    end: async (withinMs) => {
      const enough = new AbortController()
      if (sending !== null) await Promise.race([sending, clock.sleep(withinMs, enough.signal)])
      enough.abort()
      over.abort()
    },
  }
}

/** The line a person gets while disk or journal take nothing; empty while they do. */
export const logAttention = (log: Pick<ReportLog, 'journalBlocked' | 'diskRefusal'>): Attention[] => {
  const refusal = log.diskRefusal()
  if (refusal !== null) {
    const action = 'Free space where the state lies: everything that lives goes on, and starts nothing new.'
    return [{ kind: 'disk_full', subject: 'state', reason: refusal, action }]
  }
  const reason = log.journalBlocked()
  if (reason === null) return []
  const action = 'End the process that holds the journal, or free the disk it lies on.'
  return [{ kind: 'journal_blocked', subject: 'journal', reason, action }]
}

/** The number of the last whole line, found from the end; 0 for a new log. */
const lastNumber = (path: string): number => {
  const lines = readTail(path, TAIL_BYTES).split('\n').toReversed()
  for (const line of lines) {
    const parsed = SupervisorReport.safeParse(parseOrNull(line))
    if (parsed.success) return parsed.data.n
  }
  return 0
}

const parseOrNull = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
