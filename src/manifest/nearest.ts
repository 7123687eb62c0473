/**
 * The candidate a person most likely meant: the one with the fewest edits, if it is close enough to be a slip
 * (at most a third of the word, at least one edit).
 * @example nearest('alowed_paths', ['allowed_paths', 'blocked_paths']) === 'allowed_paths'
 */
export const nearest = (word: string, candidates: readonly string[]): string | null => {
  if (word.length > LONGEST_WORD) return null
  const plain = normalise(word)
  let best: { candidate: string; edits: number } | null = null
  for (const candidate of candidates) {
    const edits = editDistance(plain, normalise(candidate))
    if (best === null || edits < best.edits) best = { candidate, edits }
  }
  if (best === null) return null
  return best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : null
}

const LONGEST_WORD = 100

/** `allowedPaths` and `allowed-paths` are the same slip as `allowed_paths`. */
const normalise = (word: string): string =>
  word
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()

/** Edits with a swap of neighbours as one (optimal string alignment). */
const editDistance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? 0
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, cell(i - 2, j - 2) + 1)
      }
      row.push(edits)
    }
  }
  return cell(a.length, b.length)
}
