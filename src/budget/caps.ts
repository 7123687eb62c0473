import type { BudgetConfig, CompiledManifest, SpanCaps } from '../contracts/compiled-manifest.ts'
import type { LaneName } from '../contracts/lane-name.ts'

/** What a cap counts. `attempts` are runs of one task that ended by themselves. */
export type Measure = 'runs' | 'tokens' | 'usdMicros' | 'attempts'

/** One limit, what it counts, and whose runs. */
export interface Cap {
  /** As the manifest spells it: `repos.api.budget.per_day.usd`. */
  readonly name: string
  readonly measure: Measure
  readonly limit: number
  /** In any stretch of this length; null: in the task's whole life. */
  readonly windowMs: number | null
  readonly of: Readonly<Partial<Record<'repo' | 'lane' | 'agent' | 'task', string>>>
}

/** Whose run is asked about. `task` null: that of a task that is not known yet, and has used nothing. */
export interface CapSubject {
  readonly repo: string
  readonly lane: LaneName
  readonly agent: string
  readonly task: string | null
}

export type Budgets = Pick<CompiledManifest, 'budget' | 'repos' | 'lanes' | 'agents'>

/** The longest stretch a cap looks back on. */
export const LONGEST_WINDOW_MS = 24 * 3_600_000

const SPANS = [
  ['per_hour', 'perHour', 3_600_000],
  ['per_day', 'perDay', LONGEST_WINDOW_MS],
] as const
const MEASURES = [
  ['runs', 'runs'],
  ['tokens', 'tokens'],
  ['usd', 'usdMicros'],
] as const satisfies readonly (readonly [string, keyof SpanCaps])[]
const TASK_MEASURES = [
  ['usd', 'usdMicros'],
  ['tokens', 'tokens'],
  ['attempts', 'attempts'],
] as const

/** No task's id. */
const UNKNOWN_TASK = ''

/** Every cap that a run of this subject has to fit under. */
export const capsOf = (budgets: Budgets, subject: CapSubject): Cap[] =>
  scopesOf(budgets, subject).flatMap((scope) => [
    ...spanCaps(scope),
    ...taskCaps(scope, subject.task ?? UNKNOWN_TASK),
  ])

/** Every cap on a stretch of time that the manifest has, whoever's it is. */
export const allSpanCaps = (budgets: Budgets): Cap[] =>
  [
    scopeOf('budget', budgets.budget, {}),
    ...Object.entries(budgets.repos).map(([repo, { budget }]) =>
      scopeOf(`repos.${repo}.budget`, budget, { repo }),
    ),
    ...Object.entries(budgets.lanes).map(([lane, { budget }]) =>
      scopeOf(`lanes.${lane}.budget`, budget, { lane }),
    ),
    ...Object.entries(budgets.agents).map(([agent, { budget }]) =>
      scopeOf(`agents.${agent}.budget`, budget, { agent }),
    ),
  ].flatMap(spanCaps)

/** What one attempt may use at most, and which key says so; null where none does. */
export const attemptCap = (
  budgets: Budgets,
  subject: CapSubject,
  measure: 'tokens' | 'usdMicros',
): { readonly name: string; readonly limit: number } | null => {
  const word = measure === 'usdMicros' ? 'usd' : measure
  const caps = scopesOf(budgets, subject).flatMap(({ prefix, budget }) => {
    const limit = budget.perAttempt[measure]
    return limit === null ? [] : [{ name: `${prefix}.per_attempt.${word}`, limit }]
  })
  return caps.toSorted((a, b) => a.limit - b.limit)[0] ?? null
}

interface Scope {
  readonly prefix: string
  readonly budget: BudgetConfig
  readonly of: Cap['of']
}

const scopeOf = (prefix: string, budget: BudgetConfig, of: Cap['of']): Scope => ({ prefix, budget, of })

/** That of everything, and those of the subject's own repository, lane and agent, where the manifest has them. */
const scopesOf = (budgets: Budgets, { repo, lane, agent }: CapSubject): Scope[] => {
  const own = (prefix: string, budget: BudgetConfig | undefined, of: Cap['of']): Scope[] =>
    budget === undefined ? [] : [scopeOf(prefix, budget, of)]
  return [
    scopeOf('budget', budgets.budget, {}),
    ...own(`repos.${repo}.budget`, budgets.repos[repo]?.budget, { repo }),
    ...own(`lanes.${lane}.budget`, budgets.lanes[lane]?.budget, { lane }),
    ...own(`agents.${agent}.budget`, budgets.agents[agent]?.budget, { agent }),
  ]
}

const spanCaps = ({ prefix, budget, of }: Scope): Cap[] =>
  SPANS.flatMap(([name, key, windowMs]) =>
    MEASURES.flatMap(([word, measure]) => {
      const limit = budget[key][measure]
      return limit === null ? [] : [{ name: `${prefix}.${name}.${word}`, measure, limit, windowMs, of }]
    }),
  )

const taskCaps = ({ prefix, budget, of }: Scope, task: string): Cap[] =>
  TASK_MEASURES.flatMap(([word, measure]) => {
    const limit = budget.perTask[measure]
    const name = `${prefix}.per_task.${word}`
    return limit === null ? [] : [{ name, measure, limit, windowMs: null, of: { ...of, task } }]
  })
