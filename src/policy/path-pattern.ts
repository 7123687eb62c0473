/**
 * The one path syntax of rules and scopes. `*` is any run of characters but `/`, `?` one character but `/`, `**` as a
 * whole segment any number of segments, none included; every other character stands for itself (no braces, brackets,
 * negation or extglobs). And:
 *
 * - a pattern without `/` is a name at any depth: `Dockerfile*` is `deploy/Dockerfile` too; `./Dockerfile*` is not;
 * - a pattern with `/` begins at the root; `**` + `/x` is `x` at the root as well;
 * - a last segment without wildcards, or a final `/`, is a folder as much as a file: `docs/api` takes in what lies below.
 */
export interface PathPattern {
  /** Segments to match, `**` for any number of them. */
  readonly segments: readonly string[]
  readonly ignoreCase: boolean
}

/**
 * Reads a pattern. Never fails: whatever is no wildcard stands for itself.
 * @param ignoreCase for rules that protect: `.SSH/id_rsa` is `.ssh/id_rsa` to a file system that ignores case
 */
export const pathPattern = (text: string, options: { ignoreCase: boolean }): PathPattern => {
  const { ignoreCase } = options
  const segments = splitPath(spelling(text, ignoreCase)).map(collapseStars)
  const anchored = text.includes('/') && segments.length > 0
  const last = segments.at(-1)
  const isFolder = text.endsWith('/') || (last !== undefined && !/[*?]/.test(last))
  return {
    segments: dropRepeats([...(anchored ? [] : ['**']), ...segments, ...(isFolder ? ['**'] : [])]),
    ignoreCase,
  }
}

/** True where the pattern takes in the path, a relative path as git prints it. Linear in both but for one product. */
export const matchesPath = (pattern: PathPattern, path: string): boolean => {
  const names = splitPath(spelling(path, pattern.ignoreCase))
  return names.length > 0 && wildcardMatch(pattern.segments, names, '**', matchesName)
}

/** A path's segments; empty ones and `.` mean nothing. */
const splitPath = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.')

/** One spelling for names a file system may take for the same. */
const spelling = (text: string, ignoreCase: boolean): string =>
  ignoreCase ? text.normalize('NFC').toLowerCase().normalize('NFC') : text.normalize('NFC')

/** `**` inside a longer segment is no more than `*`. */
const collapseStars = (segment: string): string => (segment === '**' ? segment : segment.replace(/\*+/g, '*'))

const dropRepeats = (segments: readonly string[]): string[] =>
  segments.filter((segment, index) => segment !== '**' || segments[index - 1] !== '**')

const matchesName = (pattern: string, name: string): boolean =>
  wildcardMatch([...pattern], [...name], '*', (wanted, found) => wanted === '?' || wanted === found)

/**
 * Matches items against a pattern in which `star` takes any number of them, by going back to the last star only. An
 * expression for `RegExp` would take exponential time on some patterns, and tasks bring patterns of their own.
 */
const wildcardMatch = (
  pattern: readonly string[],
  items: readonly string[],
  star: string,
  matchesOne: (wanted: string, found: string) => boolean,
): boolean => {
  let at = 0
  let item = 0
  let starAt = -1
  let starTook = 0
  while (item < items.length) {
    const wanted = pattern[at]
    if (wanted === star) {
      starAt = at++
      starTook = item
    } else if (wanted !== undefined && matchesOne(wanted, items[item] as string)) {
      at++
      item++
    } else if (starAt >= 0) {
      at = starAt + 1
      item = ++starTook
    } else {
      return false
    }
  }
  while (pattern[at] === star) at++
  return at === pattern.length
}
