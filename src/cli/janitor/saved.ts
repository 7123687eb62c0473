import type { AttemptId } from '../../contracts/ids.ts'
import { acquireLock } from '../../platform/exclusive-lock.ts'
import { collectSaved, dropSaved, savedAtMs, savedAttempts, savedBytes } from '../../workspace/drop-saved.ts'
import { relative } from '../print/format-time.ts'
import type { Chore, Plan } from './chore.ts'
import { isDue, type Look } from './look.ts'

/** What was saved of tasks that are over. Its objects are freed while nothing runs; else by a later janitor. */
export const planSaved = async (look: Look): Promise<Plan> => {
  const { layout, nowMs } = look
  const due = await dueAttempts(look)
  const items = []
  for (const [attempt, sinceMs] of due)
    items.push({
      subject: `refs/saved/${attempt}`,
      why: `it is over and saved since ${relative(nowMs, sinceMs)}`,
      bytes: await savedBytes(layout.saved, [attempt]),
    })
  const act = async () => {
    // A workspace that was left behind may have been saved a moment ago.
    const still = await dueAttempts(look)
    if (still.size > 0) await dropSaved(layout.saved, [...still.keys()])
    await collectWhileAsleep(look)
    const fresh = [...due.keys()].filter((attempt) => !still.has(attempt))
    return new Map(fresh.map((attempt) => [`refs/saved/${attempt}`, 'more of it was saved just now']))
  }
  const chore: Chore = { kind: 'saved', items, act }
  return { chores: [chore], kept: [] }
}

/** Nothing may be saved meanwhile: with a supervisor's lock in our hand, none can start one. */
const collectWhileAsleep = async ({ layout, isAsleep }: Look): Promise<void> => {
  const lock = acquireLock(layout.lock)
  if (lock === null) return
  try {
    if (await isAsleep()) await collectSaved(layout.saved)
  } finally {
    lock.release()
  }
}

/** Attempts whose saved work has had its time, with the moment that began: the task's end, or the saving if it came later. */
const dueAttempts = async (look: Look): Promise<Map<AttemptId, number>> => {
  const { layout, manifest, ended } = look
  const there = new Set(await savedAttempts(layout.saved))
  const since = ended.flatMap(({ attempts, endedAtMs }) =>
    attempts
      .filter((attempt) => there.has(attempt))
      .map((attempt): [AttemptId, number] => [
        attempt,
        Math.max(endedAtMs, savedAtMs(layout.saved, attempt) ?? 0),
      ]),
  )
  return new Map(since.filter(([, sinceMs]) => isDue(look, sinceMs, manifest.retention.savedMs)))
}
