import type { ChangedSource } from './changed-source.ts'
import type { MaskedSource } from './mask-source.ts'

/** Something a rule looks for, which a change brought in. */
export interface AddedMatch {
  readonly path: string
  readonly line: number
  /** As it stands there, on one line. */
  readonly text: string
}

export interface LookedFor {
  /** Global. */
  readonly pattern: RegExp
  readonly in: 'code' | 'comments'
  /** A comment within what was found explains it away. */
  readonly unexplained?: boolean
}

/** What to look for in one file; null: nothing. */
type Looking = (file: ChangedSource) => readonly LookedFor[] | null

/**
 * Finds what stands in the new files and did not stand in the old ones, over the whole change: a line that only moved,
 * to another place or another file, is not new. Lines are compared as they are, without their indentation.
 */
export const addedMatches = (files: readonly ChangedSource[], looking: Looking): AddedMatch[] => {
  const left = new Map<string, number>()
  for (const file of files)
    for (const { key } of matchesIn(file, file.before, looking)) left.set(key, (left.get(key) ?? 0) + 1)
  return files.flatMap((file) =>
    matchesIn(file, file.after, looking).flatMap(({ key, line, text }) => {
      const known = left.get(key) ?? 0
      if (known > 0) left.set(key, known - 1)
      return known > 0 ? [] : [{ path: file.path, line, text }]
    }),
  )
}

const matchesIn = (
  file: ChangedSource,
  source: MaskedSource | null,
  looking: Looking,
): ReadonlyArray<{ key: string; line: number; text: string }> => {
  if (source === null) return []
  const found = (looking(file) ?? []).flatMap(({ pattern, in: part, unexplained }) =>
    [...source[part].matchAll(pattern)].flatMap((match) => {
      const end = match.index + match[0].length
      if (unexplained === true && source.comments.slice(match.index, end).trim() !== '') return []
      return [{ at: end - match[0].trimStart().length, matched: match[0].trim().replace(/\s+/g, ' ') }]
    }),
  )
  found.sort((a, b) => a.at - b.at)
  let line = 1
  let from = 0
  // Read once a line: a line may hold most of a file, and most of the matches.
  let whole = { from: -1, text: '' }
  return found.map(({ at, matched }) => {
    for (
      let end = source.text.indexOf('\n', from);
      end >= 0 && end < at;
      end = source.text.indexOf('\n', from)
    ) {
      line += 1
      from = end + 1
    }
    if (whole.from !== from) {
      const end = source.text.indexOf('\n', at)
      const text = source.text.slice(from, end < 0 ? undefined : end).trim()
      whole = { from, text: text.slice(0, 1000) }
    }
    return { key: `${whole.text}\n${matched.slice(0, 200)}`, line, text: matched.slice(0, 80) }
  })
}
