import { z } from 'zod'
import type { CheckReport } from '../contracts/checks.ts'
import type { JsonValue } from '../contracts/json.ts'
import type { RecordStore } from '../contracts/store.ts'

/** How the latest runs of each check of a repository ended, the newest last. */
const History = z.array(z.object({ name: z.string(), passed: z.array(z.boolean()) }))
type History = z.infer<typeof History>

const KIND = 'check-history'
/** So many runs say whether a check is flaky, and this share of failures (operations-center-execution.md §13.2). */
const LATEST = 10
const FLAKY_FROM = 0.3
/** How often a note is taken again because somebody else noted in between. */
const MOST_TRIES = 20

/** A check that fails often and not always says little of the work it fails on. */
export const isFlaky = (passed: readonly boolean[]): boolean => {
  const latest = passed.slice(-LATEST)
  const failed = latest.filter((each) => !each).length
  return latest.length === LATEST && failed < LATEST && failed / LATEST >= FLAKY_FROM
}

/**
 * Notes how the checks of a report ended, once for each key, and answers the names of those that were known as flaky
 * before. A commit's second look, with the tests of its base, is not noted: it fails for another reason.
 */
export const noteChecks = async (
  records: RecordStore,
  note: {
    readonly repo: string
    readonly report: CheckReport
    readonly key: string
    readonly nowMs: number
    readonly writer: string
  },
): Promise<ReadonlySet<string>> => {
  const { repo, report, key, nowMs, writer } = note
  const results = report.results.filter(({ restoredFrom }) => restoredFrom === null)
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const row = await records.get(KIND, repo)
    const known = row === null ? [] : History.parse(row.value)
    const flaky = new Set(known.filter(({ passed }) => isFlaky(passed)).map(({ name }) => name))
    if (results.length === 0) return flaky
    const written = await records.put({
      kind: KIND,
      id: repo,
      queue: repo,
      state: 'kept',
      rank: 0,
      createdMs: row?.createdMs ?? nowMs,
      value: withResults(known, results) satisfies History as unknown as JsonValue,
      expectedVersion: row?.version ?? 0,
      event: 'checks.noted',
      key,
      fence: null,
      writer,
    })
    if (written.ok) return flaky
  }
  throw new Error(`the history of the checks of ${repo} kept changing; try again`)
}

const withResults = (known: History, results: CheckReport['results']): History => {
  const ran = new Map(results.map(({ name, outcome }) => [name, outcome === 'passed']))
  const names = [...new Set([...known.map(({ name }) => name), ...ran.keys()])]
  return names.map((name) => {
    const before = known.find((each) => each.name === name)?.passed ?? []
    const now = ran.get(name)
    return { name, passed: (now === undefined ? before : [...before, now]).slice(-LATEST) }
  })
}
