/** The known name that a misspelt one is most likely to mean; null where none is near. */
export const nearest = (name: string, known: readonly string[]): string | null => {
  const wanted = name.toLowerCase().replaceAll('-', '_').slice(0, 60)
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= Math.max(2, best.candidate.length / 3) ? best.candidate : null
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
const distanceOf = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const changed = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(changed, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
