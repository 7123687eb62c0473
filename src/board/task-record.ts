import { z } from 'zod'
import type { JsonValue } from '../contracts/json.ts'
import type { PutRecord, PutResult, RecordRow, RecordStore } from '../contracts/store.ts'
import { BoardState, BoardTask, PRIORITIES, TaskSpec } from '../contracts/task.ts'
import type { TakeStart } from './board.ts'
import { BoardFailure } from './board-failure.ts'

export const TASK = 'task'

/** What a board needs of a store: records, what they wait for, and picking one of them in one transaction. */
export interface BoardStore extends RecordStore {
  put(
    record: PutRecord & { readonly needs?: { readonly ids: readonly string[]; readonly state: string } },
  ): Promise<PutResult>
  takeRecord(query: {
    readonly kind: string
    readonly queue: string
    readonly fromState: string
    readonly toState: string
    readonly except?: { readonly path: string; readonly values: readonly string[] }
    readonly patch: Readonly<Record<string, JsonValue>>
    readonly event: string
    readonly writer: string
    readonly start: TakeStart | null
  }): Promise<RecordRow | null>
}

/** A task as it is stored; its state and version are the record's own. */
export const StoredTask = z.object({
  spec: TaskSpec,
  phase: z.enum(['automated', 'human']).nullable(),
  reason: z.string(),
  updatedAtMs: z.number().int().nonnegative(),
  /** The key of the last move, by which a repeated one is recognised. */
  lastKey: z.string().nullable(),
})
export type StoredTask = z.infer<typeof StoredTask>

/** @throws BoardFailure when what is stored is no task. */
export const readStored = (row: RecordRow): { readonly stored: StoredTask; readonly task: BoardTask } => {
  const stored = StoredTask.safeParse(row.value)
  const state = BoardState.safeParse(row.state)
  if (!stored.success || !state.success) {
    const why = stored.error?.message ?? state.error?.message
    throw new BoardFailure('infra_tooling', `stored task ${row.id} is not one: ${why}`)
  }
  const { spec, phase, reason, updatedAtMs } = stored.data
  const task = { spec, state: state.data, phase, reason, version: row.version, updatedAtMs }
  return { stored: stored.data, task: BoardTask.parse(task) }
}

/** The record's sort and filter keys: a lane's queue, urgent first, then oldest. */
export const recordKeys = (spec: TaskSpec) => ({
  kind: TASK,
  id: spec.id,
  queue: spec.kind,
  rank: PRIORITIES.indexOf(spec.priority),
  createdMs: spec.createdAtMs,
})
