import type { Operator } from './gate.ts'
import type { LaneName } from './lane-name.ts'
import type { TokenPrice } from './meter.ts'
import type { MergeMethod } from './pull.ts'
import type { TamperingMode } from './tampering.ts'
import type { Risk, TaskType } from './task.ts'

/** A secret by reference: resolved at use, never stored. */
export type SecretRef =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] }

export interface CheckSpec {
  readonly name: string
  readonly run: string
  readonly timeoutMs: number
  /** How many more times a failing check is run before it counts as failed. */
  readonly retries: number
  /** What it may reach in the sandbox; empty: nothing. */
  readonly network: NetworkRule
}

/** Hosts that may be reached from the sandbox, or `any`: the internet, neither this machine nor private networks. */
export type NetworkRule = 'any' | readonly string[]

/** Caps on what starts or is used up in any stretch of time; null: no cap. Money in millionths of a dollar. */
export interface SpanCaps {
  readonly runs: number | null
  readonly tokens: number | null
  readonly usdMicros: number | null
}

/** What agents may use up, in all or of one repository, lane or agent. The smallest cap wins. */
export interface BudgetConfig {
  readonly perHour: SpanCaps
  readonly perDay: SpanCaps
  readonly perTask: {
    readonly usdMicros: number | null
    readonly tokens: number | null
    readonly attempts: number | null
  }
  readonly perAttempt: { readonly usdMicros: number | null; readonly tokens: number | null }
}

/** When an agent that keeps failing gets no more work. */
export interface BreakerConfig {
  readonly window: number
  readonly min: number
  readonly threshold: number
  readonly staleAfterMs: number
  readonly coolDownMs: number
  readonly warnBelow: number
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** In the manifest's time zone; `toMinute` not after `fromMinute`: it ends on the day after. */
export interface MaintenanceWindow {
  /** The days on which it starts; empty: every day. */
  readonly days: readonly Weekday[]
  /** Minutes since midnight. */
  readonly fromMinute: number
  readonly toMinute: number
}

/** What a lane has of its own for one repository; null: as everywhere. */
export interface LaneOverride {
  readonly agent: string | null
  readonly fallbacks: readonly string[] | null
  readonly timeoutMs: number | null
  readonly maxAttempts: number | null
  readonly retryDelayMs: number | null
}

export interface RepoConfig {
  readonly key: string
  /** A URL, or an absolute path where the manifest named a local repository. */
  readonly url: string
  readonly defaultBranch: string
  /** Globs of base branches a task may name; empty means the default branch only. */
  readonly allowedBaseBranches: readonly string[]
  readonly setup: readonly string[]
  readonly setupTimeoutMs: number
  /** What setup may reach in the sandbox; empty: nothing. */
  readonly setupNetwork: NetworkRule
  readonly checks: readonly CheckSpec[]
  readonly allowedPaths: readonly string[]
  readonly reviewPaths: readonly string[]
  readonly blockedPaths: readonly string[]
  /** Null: as the policy says. */
  readonly tampering: TamperingMode | null
  /** Null: as the policy says. */
  readonly restoreTests: boolean | null
  /** Files that may hold what has the shape of a secret. */
  readonly secretPaths: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly merge: 'manual' | 'auto'
  readonly mergeMethod: MergeMethod
  readonly forge: { readonly type: 'local' }
  readonly review: {
    readonly maxRevisions: number
    readonly onHumanTimeout: 'remind' | 'merge' | 'requeue'
    readonly humanTimeoutMs: number
    readonly requireExplicitApproval: boolean
  }
  /** How many attempts at once; null: as many as lanes and limits allow. */
  readonly concurrency: number | null
  readonly budget: BudgetConfig
  /** What single lanes have of their own here; see `laneFor`. */
  readonly lanes: Readonly<Partial<Record<LaneName, LaneOverride>>>
}

export interface AgentConfig {
  readonly key: string
  /** One of the registered agent types (src/agents). */
  readonly type: string
  /** `command`: the argv template. Other types: how their program is started; empty: the type's own, found on PATH. */
  readonly command: readonly string[]
  readonly prompt: 'stdin' | 'file'
  /** `recorded`: the folder of recordings. */
  readonly recordings: string | null
  readonly model: string | null
  readonly env: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, SecretRef>>
  /** True where the program's own credential file of the person is lent to it, and nothing else of theirs. */
  readonly inheritsLogin: boolean
  /** Where its model is served, in place of the provider's own address. */
  readonly baseUrl: string | null
  readonly timeoutMs: number
  readonly idleTimeoutMs: number | null
  /** Until its first output; null: only the idle limit counts. */
  readonly bootTimeoutMs: number | null
  readonly toolTimeoutMs: number | null
  readonly maxTurns: number | null
  readonly maxTokens: number | null
  readonly maxMemoryBytes: number | null
  readonly maxProcesses: number | null
  readonly maxDiskBytes: number | null
  /** Tool calls that bring nothing new before it is stopped; null: never. */
  readonly progressFuel: number | null
  /** What its tokens cost, for agents that do not tell dollars; null: unknown. */
  readonly price: TokenPrice | null
  /** True where a subscription pays: its dollars are counted apart. */
  readonly covered: boolean
  /** `off`, or the hosts it may reach beside those its type needs. */
  readonly sandbox: { readonly network: readonly string[] } | 'off'
  /** How many attempts at once; null: as many as lanes and limits allow. */
  readonly concurrency: number | null
  readonly budget: BudgetConfig
}

export interface LaneConfig {
  readonly lane: LaneName
  /** Null where the lane starts no agent of its own (review, propose). */
  readonly agent: string | null
  /** Who takes over, in this order, when the agent is out of quota, cannot log in or its model fails. */
  readonly fallbacks: readonly string[]
  readonly concurrency: number
  readonly pollIntervalMs: number
  readonly maxAttempts: number
  readonly retryDelayMs: number
  readonly budget: BudgetConfig
}

export interface ServiceConfig {
  readonly name: string
  readonly command: readonly string[]
  readonly restart: 'always' | 'on-failure' | 'never'
  /** Before the lanes, or beside them. */
  readonly start: 'before_lanes' | 'with_lanes'
  readonly ready:
    | { readonly by: 'spawn' | 'exit' }
    | { readonly by: 'file'; readonly path: string; readonly withinMs: number }
    | { readonly by: 'http'; readonly url: string; readonly withinMs: number }
  readonly liveness:
    | { readonly by: 'identity' }
    | { readonly by: 'http'; readonly url: string }
    | { readonly by: 'exec'; readonly command: readonly string[] }
  readonly stopTimeoutMs: number
  readonly env: Readonly<Record<string, string>>
}

export interface PolicyConfig {
  readonly requireApproval: { readonly risk: readonly Risk[]; readonly taskTypes: readonly TaskType[] }
  readonly maxChangedFiles: number | null
  readonly maxChangedLines: number | null
  /** What a finding of tampering does to the work. */
  readonly tampering: TamperingMode
  /** Whether checks also run with the base's tests where the work changed them. */
  readonly restoreTests: boolean
}

export interface SupervisionConfig {
  readonly heartbeatEveryMs: number
  readonly heartbeatStaleAfterMs: number
  readonly probeEveryMs: number
  readonly probeAnswerWithinMs: number
  readonly restartMax: number
  readonly restartWithinMs: number
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
  readonly recoveryMax: number
  readonly recoveryWithinMs: number
  readonly orphanTimeoutMs: number
}

/** How long `janitor` leaves things alone. */
export interface RetentionConfig {
  readonly runsMs: number
  readonly journalMs: number
  readonly savedMs: number
  readonly logsMs: number
}

/** The manifest after validation: camelCase, absolute paths, milliseconds and bytes, every default filled in. Frozen. */
export interface CompiledManifest {
  readonly name: string
  /** SHA-256 of the canonical effective manifest (secrets by reference). */
  readonly hash: string
  /** Absolute path of the file. */
  readonly path: string
  /** `<state_dir>/<name>`, absolute. */
  readonly stateDir: string
  readonly repos: Readonly<Record<string, RepoConfig>>
  readonly board: { readonly type: 'local'; readonly importFile: string | null }
  readonly agents: Readonly<Record<string, AgentConfig>>
  readonly lanes: Readonly<Partial<Record<LaneName, LaneConfig>>>
  readonly services: Readonly<Record<string, ServiceConfig>>
  readonly policy: PolicyConfig
  readonly limits: {
    readonly concurrency: number
    readonly minFreeMemoryBytes: number
    readonly minFreeDiskBytes: number
    /** What one command of setup or checks may take; null: no limit. */
    readonly maxMemoryBytes: number | null
    readonly maxProcesses: number | null
    readonly maxDiskBytes: number | null
  }
  readonly budget: BudgetConfig
  readonly breaker: BreakerConfig
  readonly timezone: string
  readonly maintenanceWindows: readonly MaintenanceWindow[]
  readonly gates: {
    readonly signing: 'required' | 'optional'
    readonly operators: readonly Operator[]
    readonly expiresAfterMs: number
  }
  readonly sandbox: 'on' | 'off'
  /** Files and folders of this machine that the sandbox shows beside the system's own. */
  readonly sandboxRead: readonly string[]
  readonly supervision: SupervisionConfig
  readonly retention: RetentionConfig
  readonly untilIdle: { readonly waitForPeopleMs: number }
}
