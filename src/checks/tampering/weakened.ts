import type { TestCase, TestPair } from './test-cases.ts'

/** How a test that is still there proves less than before, as the end of a sentence; null where it does not. */
export const weakenedBy = ({ before, after }: TestPair): string | null => {
  if (after === null) return null
  if (after.assertions < before.assertions)
    return `has ${after.assertions} assertions instead of ${before.assertions}`
  if (after.strong < before.strong && after.weak > before.weak)
    return 'asserts only that there is something where it asserted what'
  return widened(before, after)
}

/** A bound that lets more pass, in a line that is otherwise the same. */
const widened = (before: TestCase, after: TestCase): string | null => {
  const old = new Map(before.body.filter(holdsBound).map((line) => [withoutNumbers(line), line]))
  for (const line of after.body) {
    const was = old.get(withoutNumbers(line))
    if (was === undefined || was === line) continue
    for (const { keyword, looser } of BOUNDS) {
      const then = boundOf(was, keyword)
      const now = boundOf(line, keyword)
      if (then !== null && now !== null && (looser === 'more' ? now > then : now < then))
        return `lets pass ${now} where it let pass ${then}`
    }
  }
  return null
}

/** Words before a number that says how exact a test is. */
const BOUNDS = [
  {
    looser: 'more',
    keyword:
      /\b(?:delta|rel|abs|rtol|atol|tolerance|epsilon|eps|within|offset|rel_tol|abs_tol|be_within|retries|reruns|flaky)\b["']?\s{0,4}[=:(]?\s{0,4}(\d[\d_]*(?:\.\d+)?(?:e-?\d+)?)/i,
  },
  { looser: 'more', keyword: /\bInDelta\w*\([^\n]{0,200},\s{0,4}(\d[\d_]*(?:\.\d+)?(?:e-?\d+)?)\s{0,4}\)/ },
  { looser: 'less', keyword: /\btoBeCloseTo\([^\n]{0,200},\s{0,4}(\d+)\s{0,4}\)/ },
  { looser: 'less', keyword: /\b(?:places|decimals?|significant)\s{0,4}[=:]\s{0,4}(\d+)/ },
] as const

const holdsBound = (line: string): boolean => BOUNDS.some(({ keyword }) => keyword.test(line))

const boundOf = (line: string, keyword: RegExp): number | null => {
  const text = keyword.exec(line)?.[1]
  return text === undefined ? null : Number(text.replaceAll('_', ''))
}

const withoutNumbers = (line: string): string => line.replace(/\d[\d_]*(?:\.\d+)?(?:e-?\d+)?/g, '#')
