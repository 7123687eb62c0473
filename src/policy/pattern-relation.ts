import type { PathPattern } from './path-pattern.ts'

/** True where some path is taken in by both patterns. Exact, but that it counts a name without characters as a name. */
export const overlaps = (a: PathPattern, b: PathPattern): boolean =>
  relate(a.segments, b.segments, '**', 'overlap', (wanted, other) =>
    relate([...wanted], [...other], '*', 'overlap', (x, y) => x === '?' || y === '?' || x === y),
  )

/**
 * True where every path `inner` takes in, `outer` takes in too. Never says so wrongly; a few roundabout pairs (`*?`
 * and `?*`) are not recognised.
 */
export const covers = (outer: PathPattern, inner: PathPattern): boolean =>
  relate(outer.segments, inner.segments, '**', 'cover', (wanted, other) =>
    relate([...wanted], [...other], '*', 'cover', (x, y) => x === '?' || x === y),
  )

/**
 * Compares two sequences in which `star` stands for any run of items, by dynamic programming from their ends. A star
 * on the left takes in anything on the right; a star on the right helps an overlap, but is covered by a star only.
 */
const relate = (
  left: readonly string[],
  right: readonly string[],
  star: string,
  relation: 'overlap' | 'cover',
  relateOne: (left: string, right: string) => boolean,
): boolean => {
  const width = right.length + 1
  const table = new Uint8Array((left.length + 1) * width)
  const holds = (i: number, j: number): boolean => table[i * width + j] === 1
  for (let i = left.length; i >= 0; i--) {
    for (let j = right.length; j >= 0; j--) {
      const [a, b] = [left[i], right[j]]
      const result =
        a === star
          ? holds(i + 1, j) || (b !== undefined && holds(i, j + 1))
          : b === star
            ? relation === 'overlap' && (holds(i, j + 1) || (a !== undefined && holds(i + 1, j)))
            : a === undefined || b === undefined
              ? a === b
              : holds(i + 1, j + 1) && relateOne(a, b)
      table[i * width + j] = result ? 1 : 0
    }
  }
  return holds(0, 0)
}
