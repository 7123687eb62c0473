import type { ChangedSource } from './changed-source.ts'
import type { MaskedSource } from './mask-source.ts'
import type { TestSyntax } from './test-syntax.ts'

/** One test of a file. */
export interface TestCase {
  readonly path: string
  readonly name: string
  readonly line: number
  /** Its text without indentation and without its name, one entry a line. */
  readonly body: readonly string[]
  readonly assertions: number
  readonly strong: number
  readonly weak: number
}

/** A test as it was and as it is; `after` null where it is gone. */
export interface TestPair {
  readonly before: TestCase
  readonly after: TestCase | null
}

/** Whether a file may hold tests: test files, and where the language has them beside the code, every file. */
export const holdsTests = (file: ChangedSource): TestSyntax | null =>
  file.role === 'test' || (file.role === 'other' && file.language?.tests?.inline === true)
    ? (file.language?.tests ?? null)
    : null

/** The tests of one side of a file. A test goes on to where the next one begins. */
export const testCases = (path: string, source: MaskedSource | null, syntax: TestSyntax): TestCase[] => {
  if (source === null) return []
  const starts = [...source.code.matchAll(syntax.testCase)]
  let line = 1
  let from = 0
  return starts.map((match, index) => {
    const at = match.index + (match[0].length - match[0].trimStart().length)
    for (
      let end = source.text.indexOf('\n', from);
      end >= 0 && end < at;
      end = source.text.indexOf('\n', from)
    ) {
      line += 1
      from = end + 1
    }
    const end = starts[index + 1]?.index ?? source.text.length
    const code = source.code.slice(at, end)
    const count = (pattern: RegExp): number => [...code.matchAll(pattern)].length
    const name = match.groups?.name ?? nameAfter(source, match.index + match[0].length, end)
    return {
      path,
      name,
      line,
      body: linesOf(source.text.slice(at, end).replace(name, '')),
      assertions: count(syntax.assertion),
      strong: count(syntax.strong),
      weak: count(syntax.weak),
    }
  })
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

const LONGEST_NAME = 500

/** The first string behind the place where a test begins. */
const nameAfter = ({ text, code }: MaskedSource, from: number, to: number): string => {
  const open = /["'`]/.exec(code.slice(from, Math.min(to, from + 2_000)))
  if (open === null) return ''
  const start = from + open.index + 1
  const end = code.slice(start, start + LONGEST_NAME).indexOf(open[0])
  return text.slice(start, start + (end < 0 ? LONGEST_NAME : end))
}

/**
 * Finds each old test again, in whatever file: one that is the same in all, else one of its name, else one that does
 * much the same (half of its lines). Each new test answers for one old one; a test of the same file answers first.
 */
export const pairTests = (before: readonly TestCase[], after: readonly TestCase[]): TestPair[] => {
  const free = new Set(after)
  const found = new Map<TestCase, TestCase>()
  const search = (matchOf: (test: TestCase) => TestCase | null): void => {
    for (const test of before) {
      const match = found.has(test) ? null : matchOf(test)
      if (match === null) continue
      free.delete(match)
      found.set(test, match)
    }
  }
  for (const keyOf of [identityOf, ({ name }: TestCase) => name]) {
    const ofFile = firstFree(after, free, (test) => `${test.path}\n${keyOf(test)}`)
    const ofAll = firstFree(after, free, keyOf)
    search((test) => ofFile(test) ?? ofAll(test))
  }
  const searched = [...free].slice(0, MOST_COMPARED)
  let linesLeft = MOST_LINES_COMPARED
  search((test) => {
    const among = searched.filter((each) => free.has(each))
    linesLeft -= among.reduce((sum, each) => sum + each.body.length + test.body.length, 1)
    return linesLeft < 0 ? null : mostAlike(test, among)
  })
  return before.map((test) => ({ before: test, after: found.get(test) ?? null }))
}

const identityOf = ({ name, body }: TestCase): string => `${name}\n${body.join('\n')}`

/** A change with more new tests than this is not searched for renamed ones any further. */
const MOST_COMPARED = 300

/** Nor any further than this; a test that is not found again counts as lost. */
const MOST_LINES_COMPARED = 5_000_000

/** The first of those with the same key that is still free; null: none. Asked for every test, it looks at each once. */
const firstFree = (
  tests: readonly TestCase[],
  free: ReadonlySet<TestCase>,
  keyOf: (test: TestCase) => string,
): ((test: TestCase) => TestCase | null) => {
  const queues = Map.groupBy(tests.toReversed(), keyOf)
  return (test) => {
    const queue = queues.get(keyOf(test)) ?? []
    for (let last = queue.at(-1); last !== undefined; last = queue.at(-1)) {
      if (free.has(last)) return last
      queue.pop()
    }
    return null
  }
}

/** The one with most lines in common, if that is half of them; one of the same file before another as alike. */
const mostAlike = (test: TestCase, among: readonly TestCase[]): TestCase | null => {
  const ranked = among.map((each) => ({ each, share: alike(test.body, each.body) }))
  const [best] = ranked.filter(({ share }) => share >= 0.5).sort((a, b) => b.share - a.share)
  return best?.each ?? null
}

/** The share of lines two bodies have in common, of the longer one. */
const alike = (a: readonly string[], b: readonly string[]): number => {
  const left = Map.groupBy(b, (line) => line)
  const common = a.filter((line) => left.get(line)?.pop() !== undefined).length
  return Math.max(a.length, b.length) === 0 ? 0 : common / Math.max(a.length, b.length)
}
