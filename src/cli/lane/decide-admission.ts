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

export type Admission = { readonly admitted: true } | { readonly admitted: false; readonly reason: string }

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

/** Whether a lane may claim one more task now; the first rule against it names itself and its numbers. */
export const decideAdmission = (facts: AdmissionFacts): Admission => {
  for (const rule of RULES) {
    const reason = rule(facts)
    if (reason !== null) return { admitted: false, reason }
  }
  return { admitted: true }
}

const mib = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`
