import { open } from 'node:fs/promises'

/** Flushes of one file that nobody waits for. */
export interface SyncBehind {
  /** What was appended so far is on the disk soon: one flush at a time, for all that came before it. */
  soon(): void
  /** Resolves once everything that `soon` was called for is on the disk. */
  done(): Promise<void>
}

/**
 * Makes appended lines survive a crash of the host without making their writer wait for the disk. A killed process loses
 * nothing in any case: what it has written is the system's. A flush that fails is not told: the disk that refuses it
 * refuses the next line, too, and that one throws.
 */
export const syncBehind = (path: string): SyncBehind => {
  let isDirty = false
  let running: Promise<void> | null = null

  const run = async (): Promise<void> => {
    while (isDirty) {
      isDirty = false
      try {
        const file = await open(path, 'r')
        await file.datasync().finally(() => file.close())
      } catch {}
    }
    running = null
  }

  return {
    soon: () => {
      isDirty = true
      running ??= run()
    },
    done: async () => {
      while (running !== null) await running
    },
  }
}
