import type { BudgetConfig, CompiledManifest } from '../contracts/compiled-manifest.ts'

/** One key whose effective value differs. Lists of different length differ as a whole. */
interface ManifestChange {
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

/**
 * Never reloaded: who we are, where our state lies, where tasks come from, what decides whether people are asked, how much may
 * be spent, and the walls around agents. Such a change takes a person's restart.
 */
const FORBIDDEN =
  /^(name|state_dir|board\.type|gates|policy|budget|breaker|sandbox)(\.|\[|$)|^(repos|lanes|agents)\.[^.]+\.budget\.|^agents\.[^.]+\.sandbox(\.|\[|$)/

/** What changed between two compiled manifests. `path` and `hash` follow from the rest and are no changes. */
export const diffManifests = (before: CompiledManifest, after: CompiledManifest): ManifestDiff => {
  const changes: ManifestChange[] = []
  collect('', visible(before), visible(after), changes)
  return {
    reloadable: changes.filter(({ key }) => !FORBIDDEN.test(key)),
    forbidden: changes.filter(({ key }) => FORBIDDEN.test(key)),
  }
}

/**
 * What a running supervisor may take over: `next` with every forbidden section as it was. Its hash is to be computed
 * anew, and cross checks are to be asked again: the two halves were never written together.
 */
export const withoutForbidden = (
  current: CompiledManifest,
  next: CompiledManifest,
): Omit<CompiledManifest, 'hash'> => ({
  ...next,
  name: current.name,
  stateDir: current.stateDir,
  board: { ...next.board, type: current.board.type },
  gates: current.gates,
  policy: current.policy,
  budget: current.budget,
  breaker: current.breaker,
  repos: withBudgetsOf(current.repos, next.repos),
  lanes: withBudgetsOf(current.lanes, next.lanes),
  agents: withSandboxesOf(current.agents, withBudgetsOf(current.agents, next.agents)),
  sandbox: current.sandbox,
  sandboxRead: current.sandboxRead,
})

/** What is new in the file comes with its own budget. */
const withBudgetsOf = <T extends Readonly<Partial<Record<string, { readonly budget: BudgetConfig }>>>>(
  current: T,
  next: T,
): T =>
  Object.fromEntries(
    Object.entries(next).map(([key, each]) => [key, { ...each, budget: (current[key] ?? each)?.budget }]),
  ) as T

/** As with budgets: a profile we run already keeps its walls. */
const withSandboxesOf = (current: Agents, next: Agents): Agents =>
  Object.fromEntries(
    Object.entries(next).map(([key, each]) => [key, { ...each, sandbox: (current[key] ?? each).sandbox }]),
  )

type Agents = CompiledManifest['agents']

const visible = ({ path, hash, ...manifest }: CompiledManifest): unknown => manifest

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
