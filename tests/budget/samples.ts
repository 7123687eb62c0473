import type { SpendQuestion, SpendRules } from '../../src/budget/decide-reservation.ts'
import type { BudgetConfig, RepoConfig } from '../../src/contracts/compiled-manifest.ts'
import type { Instant } from '../../src/contracts/instant.ts'
import { SpendEntry, type SpendSettlement } from '../../src/contracts/spend.ts'
import { plusMs } from '../../src/platform/instant-math.ts'
import { agentConfig } from '../agents/agent-fixture.ts'
import { repo } from '../policy/samples.ts'
import { NO_BUDGET } from '../support/no-budget.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const USD = 1_000_000

export const NOW: Instant = { wallMs: 1_800_000_000_000, monoMs: 500_000_000, bootId: 'boot-1' }

/** So long before NOW. */
export const ago = (ms: number): Instant => plusMs(NOW, -ms)

type Given = Partial<Omit<SpendEntry, 'settled' | 'id' | 'task'>> & {
  readonly id: string
  readonly task?: string
  readonly settled?: Partial<SpendSettlement> | null
}

/** An entry that is open and reserved one dollar and a thousand tokens, unless it says otherwise. */
export const entry = ({ settled = null, ...given }: Given): SpendEntry =>
  SpendEntry.parse({
    task: `task-${given.id.slice(4)}`,
    run: 'run-1',
    lane: 'goal',
    repo: 'api',
    agent: 'a',
    agentVersion: null,
    purpose: 'attempt',
    signature: null,
    reserved: { tokens: 1000, usdMicros: USD },
    limits: { tokens: null, usdMicros: null },
    conclusion: null,
    startedAt: ago(10 * MINUTE_MS),
    endedAt: settled === null ? null : ago(5 * MINUTE_MS),
    ...given,
    settled:
      settled === null
        ? null
        : {
            tokens: 500,
            usdMicros: USD / 2,
            coveredUsdMicros: 0,
            estimated: false,
            ending: 'completed',
            ...settled,
          },
  })

type BudgetPart = { readonly [K in keyof BudgetConfig]?: Partial<BudgetConfig[K]> }

export const budget = (part: BudgetPart = {}): BudgetConfig => ({
  perHour: { ...NO_BUDGET.perHour, ...part.perHour },
  perDay: { ...NO_BUDGET.perDay, ...part.perDay },
  perTask: { ...NO_BUDGET.perTask, ...part.perTask },
  perAttempt: { ...NO_BUDGET.perAttempt, ...part.perAttempt },
})

interface RulesPart {
  readonly all?: BudgetPart
  readonly repo?: BudgetPart
  readonly lane?: BudgetPart
  readonly agent?: BudgetPart
  readonly repoConcurrency?: number
  readonly agentConcurrency?: number
  readonly other?: Partial<SpendRules>
}

/** Two repositories (`api`, `web`) and two agents (`a`, `b`) in one lane. */
export const rules = (part: RulesPart = {}): SpendRules => ({
  budget: budget(part.all),
  repos: {
    api: repo({ budget: budget(part.repo), concurrency: part.repoConcurrency ?? null }),
    web: repo({ key: 'web' } as Partial<RepoConfig>),
  },
  lanes: {
    goal: {
      lane: 'goal',
      agent: 'a',
      fallbacks: [],
      concurrency: 1,
      pollIntervalMs: 1000,
      maxAttempts: 3,
      retryDelayMs: 0,
      budget: budget(part.lane),
    },
  },
  agents: {
    a: agentConfig({ key: 'a', budget: budget(part.agent), concurrency: part.agentConcurrency ?? null }),
    b: agentConfig({ key: 'b' }),
  },
  breaker: {
    window: 5,
    min: 3,
    threshold: 0.8,
    staleAfterMs: 4 * HOUR_MS,
    coolDownMs: 30 * MINUTE_MS,
    warnBelow: 0.6,
  },
  timezone: 'UTC',
  maintenanceWindows: [],
  ...part.other,
})

export const question = (given: Partial<SpendQuestion> = {}): SpendQuestion => ({
  task: 'task-new',
  repo: 'api',
  lane: 'goal',
  agent: 'a',
  agentVersion: null,
  signature: null,
  counts: { tokens: true, usd: true },
  isRunning: false,
  isInsisted: false,
  ...given,
})
