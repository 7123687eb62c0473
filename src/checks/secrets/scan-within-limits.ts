import { runInWorker } from '../../platform/run-in-worker.ts'
import type { KnownSecret } from './known-secrets.ts'
import { type ScannedChange, scanChange } from './scan-change.ts'

const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './scan-worker.ts' : './scan-worker.js',
  import.meta.url,
)

/** What is scanned at once: no text of this size, in characters, holds a lane up for long, and a thread costs more. */
const AT_ONCE = 256 * 1024

const TIMEOUT_MS = 60_000

/**
 * What `scanChange` finds in a change, however it is made: whoever writes it can choose text that our patterns, or
 * secretlint's, take long over. So a larger change is scanned beside our loop and within a minute, and one that cannot
 * be scanned is a finding.
 * @param timeoutMs for a larger change
 */
export const scanWithinLimits = async (
  change: ScannedChange,
  secrets: readonly KnownSecret[],
  maySeem: (path: string) => boolean,
  timeoutMs = TIMEOUT_MS,
): ReturnType<typeof scanChange> => {
  const chars = change.blobs.reduce(
    (sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0),
    change.message.length,
  )
  if (chars <= AT_ONCE) return scanChange(change, secrets, maySeem)
  const meant = new Set(change.blobs.map(({ path }) => path).filter(maySeem))
  try {
    const found = await runInWorker(WORKER, { change, secrets, maySeem: meant }, timeoutMs)
    return found as Awaited<ReturnType<typeof scanChange>>
  } catch (error) {
    const why = (error as Error).message.slice(0, 200)
    return [
      {
        path: 'the change',
        line: null,
        rule: 'scan/not-scanned',
        message: `could not be scanned as a whole: ${why}`,
      },
    ]
  }
}
