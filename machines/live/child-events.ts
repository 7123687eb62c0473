import type { SupervisorReport } from '../../src/contracts/supervisor-report.ts'

/**
 * Why a process is being ended by us, decided before its exit; `none` when the exit was not asked for.
 * `sibling`: taken down with its group. `hung` and `not_ready`: we ended it, but the fault is the child's.
 */
export type Asked = 'none' | 'stop' | 'restart' | 'sibling' | 'hung' | 'not_ready'

export interface ChildContext {
  readonly child: string
  readonly wanted: 'up' | 'down' | 'paused'
  readonly incarnation: string | null
  readonly asked: Asked
  /** Whether the end asked for skips the grace. */
  readonly force: boolean
  /** Monotonic ms at which a waiting child is due; null where nothing is due. */
  readonly dueMonoMs: number | null
  /** How often it was started again. */
  readonly restarts: number
  /** Started from quarantine and not yet proved healthy: the next failure leads straight back. */
  readonly onProbation: boolean
  readonly reason: string
}

/** After an exit: what the decide functions say is next. */
export interface ExitVerdict {
  readonly next: 'absent' | 'finished' | 'starting' | 'backingOff' | 'quarantined'
  readonly dueMonoMs: number | null
  readonly reason: string
}

export type ChildEvent =
  | { type: 'WANTED'; wanted: 'up' | 'down' | 'paused' }
  /** The gate is open: it is wanted, its turn has come, and nothing of it lives. */
  | { type: 'CLEARED' }
  | { type: 'ADOPTED'; incarnation: string; ready: boolean }
  | { type: 'SPAWNED'; incarnation: string; ready: boolean }
  | { type: 'READY'; reason: string }
  | { type: 'PROVED_HEALTHY' }
  | { type: 'SUSPECTED'; reason: string }
  | { type: 'PROVED_ALIVE' }
  | { type: 'PROVED_HUNG'; reason: string }
  /** End it; `force` skips the grace. */
  | { type: 'END_ASKED'; asked: Exclude<Asked, 'none'>; force: boolean; reason: string }
  | { type: 'STILL_ALIVE'; reason: string }
  | ({ type: 'EXITED' } & ExitVerdict)
  /** A person or a reload wants it tried now. */
  | { type: 'RELEASED'; reason: string }

export type ChildIntent =
  | { type: 'SPAWN'; child: string }
  | { type: 'END'; child: string; force: boolean }
  | { type: 'DIAGNOSE'; child: string; reason: string }
  | {
      type: 'REPORT'
      context: SupervisorReport['context']
      child: string
      incarnation: string | null
      reason: string
      decision: string
    }
