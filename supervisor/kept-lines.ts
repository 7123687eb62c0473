import { appendLine } from '../src/platform/append-line.ts'
import { tryWrite } from '../src/platform/try-write.ts'

/** More than these are not kept for a disk that takes nothing: the oldest are given up. */
const MOST_KEPT = 10_000

/** Lines of an append-only file. What the disk refuses is kept, in order, and written with the next line that it takes. */
export interface KeptLines {
  append(line: string): void
  /** Tries again to write what is kept. */
  retry(): void
  /** Why the disk takes nothing; null while it does. */
  refusal(): string | null
}

/** Opens it. Not fsynced line by line: a killed process loses nothing of what was written. */
export const keptLines = (path: string): KeptLines => {
  let kept: string[] = []
  let refusal: string | null = null
  const retry = (): void => {
    for (let line = kept[0]; line !== undefined; line = kept[0]) {
      const next = line
      refusal = tryWrite(() => appendLine(path, next))
      if (refusal !== null) return
      kept.shift()
    }
  }
  return {
    append: (line) => {
      kept = [...kept.slice(-MOST_KEPT), line]
      retry()
    },
    retry,
    refusal: () => refusal,
  }
}
