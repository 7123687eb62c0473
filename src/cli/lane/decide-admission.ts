/** What is looked at before a lane claims: nothing has been spent yet, so a refusal leaves the task Ready. */
export interface AdmissionFacts {
  /** Tasks of this lane that are at work, and how many may be. */
  readonly laneRunning: number
  readonly laneConcurrency: number
  /** The same over all lanes. */
  readonly allRunning: number
  readonly allConcurrency: number
  readonly freeMemoryBytes: number
  readonly minFreeMemoryBytes: number
  readonly freeDiskBytes: number
  readonly minFreeDiskBytes: number
}

/** Why nothing, or nothing of one repository, may start now, and when it could; null where time alone does not tell. */
export interface Hindrance {
  readonly reason: string
  readonly retryInMs: number | null
}

export type Admission =
  /** `hindrance`: of the repositories that are left out, the one that is over first. */
  | {
      readonly admitted: true
      readonly exceptRepos: readonly string[]
      readonly hindrance: Hindrance | null
    }
  | ({ readonly admitted: false } & Hindrance)

const RULES: ReadonlyArray<(facts: AdmissionFacts) => string | null> = [
  (f) =>
    f.laneRunning >= f.laneConcurrency
      ? `lane concurrency: ${f.laneRunning} of ${f.laneConcurrency} at work`
      : null,
  (f) =>
    f.allRunning >= f.allConcurrency
      ? `limits.concurrency: ${f.allRunning} of ${f.allConcurrency} at work in all lanes`
      : null,
  (f) =>
    f.freeMemoryBytes < f.minFreeMemoryBytes
      ? `limits.min_free_memory: ${mib(f.freeMemoryBytes)} free, ${mib(f.minFreeMemoryBytes)} wanted`
      : null,
  (f) =>
    f.freeDiskBytes < f.minFreeDiskBytes
      ? `limits.min_free_disk: ${mib(f.freeDiskBytes)} free, ${mib(f.minFreeDiskBytes)} wanted`
      : null,
]

/** Why a lane may claim no task at all now: the first rule against it names itself and its numbers. */
export const hostHindrance = (facts: AdmissionFacts): Hindrance | null => {
  for (const rule of RULES) {
    const reason = rule(facts)
    if (reason !== null) return { reason, retryInMs: null }
  }
  return null
}

/**
 * Whether a lane may claim, and of which repositories it may not, from what each of its agents is refused: one agent
 * that may work is enough. Where none may anywhere, the hindrance that is over first is named.
 */
export const decideAdmission = (
  repos: readonly string[],
  agents: ReadonlyArray<ReadonlyMap<string, Hindrance>>,
): Admission => {
  const hindered = repos.flatMap((repo) => {
    const refusals = agents.map((refused) => refused.get(repo) ?? null)
    const first = soonest(refusals.filter((refusal) => refusal !== null))
    return refusals.includes(null) || first === null ? [] : [{ repo, first }]
  })
  const first = soonest(hindered.map((each) => each.first))
  if (first === null || hindered.length < repos.length)
    return { admitted: true, exceptRepos: hindered.map(({ repo }) => repo), hindrance: first }
  return { admitted: false, reason: first.reason, retryInMs: first.retryInMs }
}

const soonest = (all: readonly Hindrance[]): Hindrance | null =>
  all.toSorted((a, b) => waitOf(a) - waitOf(b))[0] ?? null

const waitOf = ({ retryInMs }: Hindrance): number => retryInMs ?? Number.POSITIVE_INFINITY

const mib = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`
