import type { CompiledManifest, RepoConfig } from '../contracts/compiled-manifest.ts'

/** One key whose effective value differs. Lists of different length differ as a whole. */
export interface ManifestChange {
  /** As the manifest spells it: `lanes.goal.poll_interval`. */
  readonly key: string
  /** Milliseconds, bytes and millionths of dollars as compiled; null where it was not there. */
  readonly before: unknown
  readonly after: unknown
}

export interface ManifestDiff {
  /** What a reload applies. */
  readonly reloadable: readonly ManifestChange[]
  /** What waits until a person restarts us. */
  readonly forbidden: readonly ManifestChange[]
}

/** What changed between two compiled manifests. `path` and `hash` follow from the rest and are no changes. */
export const diffManifests = (before: CompiledManifest, after: CompiledManifest): ManifestDiff => {
  const kept = withoutForbidden(before, after)
  return { reloadable: changesBetween(before, kept), forbidden: changesBetween(kept, after) }
}

/**
 * What a running supervisor may take over: `next` with everything as it was that is never reloaded. That is who we are and
 * where our state lies; what decides whether people are asked, what may be touched and how much may be spent, and the
 * walls around agents, for all repositories and for each: to loosen any of it takes a person's restart. And it is what is
 * read once, at the start. The hash is to be computed anew, and cross checks are to be asked again: the two halves were
 * never written together.
 */
export const withoutForbidden = (
  current: CompiledManifest,
  next: CompiledManifest,
): Omit<CompiledManifest, 'hash'> => ({
  ...next,
  name: current.name,
  stateDir: current.stateDir,
  board: current.board,
  gates: current.gates,
  policy: current.policy,
  budget: current.budget,
  breaker: current.breaker,
  repos: keptIn(current.repos, next.repos, (mine, theirs) => ({ ...theirs, ...rulesOf(mine, theirs) })),
  lanes: keptIn(current.lanes, next.lanes, ({ budget }, theirs) => ({ ...theirs, budget })),
  agents: keptIn(current.agents, next.agents, ({ budget, sandbox }, theirs) => ({
    ...theirs,
    budget,
    sandbox,
  })),
  sandbox: current.sandbox,
  sandboxRead: current.sandboxRead,
  supervision: {
    ...next.supervision,
    recoveryMax: current.supervision.recoveryMax,
    recoveryWithinMs: current.supervision.recoveryWithinMs,
  },
  untilIdle: current.untilIdle,
})

/** The rules of one repository that we run already. A check is known by its name, and reaches what it could reach. */
const rulesOf = (mine: RepoConfig, { checks }: RepoConfig) => ({
  budget: mine.budget,
  allowedBaseBranches: mine.allowedBaseBranches,
  allowedPaths: mine.allowedPaths,
  reviewPaths: mine.reviewPaths,
  blockedPaths: mine.blockedPaths,
  tampering: mine.tampering,
  restoreTests: mine.restoreTests,
  secretPaths: mine.secretPaths,
  merge: mine.merge,
  review: mine.review,
  setupNetwork: mine.setupNetwork,
  checks: checks.map((check) => ({
    ...check,
    network: (mine.checks.find(({ name }) => name === check.name) ?? check).network,
  })),
})

/** What is new in the file comes with rules of its own. */
const keptIn = <Each>(
  current: Readonly<Record<string, Each>>,
  next: Readonly<Record<string, Each>>,
  keep: (mine: Each, theirs: Each) => Each,
): Record<string, Each> =>
  Object.fromEntries(
    Object.entries(next).map(([key, theirs]) => {
      const mine = current[key]
      return [key, mine === undefined ? theirs : keep(mine, theirs)]
    }),
  )

const changesBetween = (
  before: Omit<CompiledManifest, 'hash'>,
  after: Omit<CompiledManifest, 'hash'>,
): ManifestChange[] => {
  const changes: ManifestChange[] = []
  collect('', visible(before), visible(after), changes)
  return changes
}

const visible = ({ path, ...manifest }: Omit<CompiledManifest, 'hash'>): unknown => ({
  ...manifest,
  hash: null,
})

const collect = (key: string, before: unknown, after: unknown, changes: ManifestChange[]): void => {
  if (isMap(before) && isMap(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      collect(key === '' ? manifestWord(name) : join(key, name), before[name], after[name], changes)
    }
    return
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    before.forEach((item, index) => {
      collect(`${key}[${index}]`, item, after[index], changes)
    })
    return
  }
  if (before !== after) changes.push({ key, before: before ?? null, after: after ?? null })
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Below these a name is a person's own (a repository, a variable); everywhere else it is one of ours. */
const OWN_NAMES = /^(repos|agents|lanes|services)$|\.(env|secrets)$/

const join = (key: string, name: string): string =>
  `${key}.${OWN_NAMES.test(key) ? name : spelled(key, name)}`

/** Supervision is flat once compiled, but grouped in the manifest: `heartbeatEveryMs` is `heartbeat.every`. */
const spelled = (key: string, name: string): string => {
  const word = manifestWord(name)
  if (key !== 'supervision') return word
  return word.replace(/^(heartbeat|probe|recovery|restart)_/, '$1.').replace(/^backoff_/, 'restart.backoff_')
}

const manifestWord = (name: string): string =>
  name
    .replace(/(?:Ms|Bytes|Micros|Minute)$/, '')
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/^import_file$/, 'import')
    .replace(/^sandbox_read$/, 'sandbox.read')
