import type { Tampering, TamperingReport } from '../../contracts/tampering.ts'
import { runInWorker } from '../../platform/run-in-worker.ts'
import type { ChangedText } from './changed-source.ts'
import { findTampering } from './find-tampering.ts'

const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './tampering-worker.ts' : './tampering-worker.js',
  import.meta.url,
)

/** What is judged at once: no text of this size, in characters, holds a lane up for long, and a thread costs more. */
const AT_ONCE = 64 * 1024

const TIMEOUT_MS = 60_000

/**
 * What `findTampering` says of a change, however it is made: whoever writes it can choose text that our rules take long
 * over. So a larger change is judged beside our loop and within a minute, and one that cannot be judged is a finding.
 * @param timeoutMs for a larger change
 */
export const judgeWithinLimits = async (
  changed: readonly ChangedText[],
  checks: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<TamperingReport> => {
  const chars = changed.reduce(
    (sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0),
    0,
  )
  try {
    if (chars <= AT_ONCE) return findTampering(changed, checks)
    return (await runInWorker(WORKER, { changed, checks }, timeoutMs)) as TamperingReport
  } catch (error) {
    return notJudged(changed, checks, (error as Error).message)
  }
}

/** What paths alone tell, and that the rest is unknown. */
const notJudged = (
  changed: readonly ChangedText[],
  checks: readonly string[],
  why: string,
): TamperingReport => {
  const { found, judges } = findTampering(
    changed.map((each) => ({ ...each, tooLarge: true })),
    checks,
  )
  const all: Tampering = {
    rule: 'tampering.not_judged',
    concerns: 'checks',
    path: changed[0]?.path ?? '',
    line: null,
    message: `the change could not be judged as a whole: ${why}`,
  }
  return { found: [all, ...found], judges }
}
