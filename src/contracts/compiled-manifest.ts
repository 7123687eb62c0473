import type { Operator } from './gate.ts'
import type { LaneName } from './lane-name.ts'
import type { MergeMethod } from './pull.ts'
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
  readonly checks: readonly CheckSpec[]
  readonly allowedPaths: readonly string[]
  readonly reviewPaths: readonly string[]
  readonly blockedPaths: readonly string[]
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
}

export interface AgentConfig {
  readonly key: string
  readonly type: 'command' | 'recorded'
  /** `command`: the argv template; `recorded`: empty. */
  readonly command: readonly string[]
  readonly prompt: 'stdin' | 'file'
  /** `recorded`: the folder of recordings. */
  readonly recordings: string | null
  readonly model: string | null
  readonly env: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, SecretRef>>
  readonly timeoutMs: number
  readonly idleTimeoutMs: number | null
}

export interface LaneConfig {
  readonly lane: LaneName
  /** Null where the lane starts no agent of its own (review, propose). */
  readonly agent: string | null
  readonly concurrency: number
  readonly pollIntervalMs: number
  readonly maxAttempts: number
  readonly retryDelayMs: number
}

export interface ServiceConfig {
  readonly name: string
  readonly command: readonly string[]
  readonly restart: 'always' | 'on-failure' | 'never'
  /** Before the lanes, or beside them. */
  readonly start: 'before_lanes' | 'with_lanes'
  readonly ready: 'spawn' | 'exit'
  readonly stopTimeoutMs: number
  readonly env: Readonly<Record<string, string>>
}

export interface PolicyConfig {
  readonly requireApproval: { readonly risk: readonly Risk[]; readonly taskTypes: readonly TaskType[] }
  readonly maxChangedFiles: number | null
  readonly maxChangedLines: number | null
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
  }
  readonly gates: {
    readonly signing: 'required' | 'optional'
    readonly operators: readonly Operator[]
    readonly expiresAfterMs: number
  }
  readonly sandbox: 'on' | 'off'
  readonly supervision: SupervisionConfig
  readonly untilIdle: { readonly waitForPeopleMs: number }
}
