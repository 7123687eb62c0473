import { DatabaseSync } from 'node:sqlite'

/** Whoever asks answers at once, or without this. */
const BUSY_TIMEOUT_MS = 50

/**
 * The first event that waits for each actor, read off a journal that nobody serves. Loads nothing else of ours, because
 * `status` asks; empty where the journal does not answer.
 */
export const readUntaken = (path: string): ReadonlyMap<string, object> => {
  const found = new Map<string, object>()
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    try {
      const rows = db.prepare("SELECT actor, event FROM inbox WHERE state = 'waiting' ORDER BY n DESC").all()
      for (const { actor, event } of rows) found.set(String(actor), JSON.parse(String(event)))
    } finally {
      db.close()
    }
  } catch {
    return new Map()
  }
  return found
}
