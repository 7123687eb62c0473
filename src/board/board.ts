import type { Fence } from '../contracts/fence.ts'
import type { TaskId } from '../contracts/ids.ts'
import type { JsonValue } from '../contracts/json.ts'
import type { TaskKind } from '../contracts/lane-name.ts'
import type { InboxRow } from '../contracts/store.ts'
import type { BoardState, BoardTask, TaskSpec } from '../contracts/task.ts'
import type { MoveActor } from './moves.ts'

/** Who changes a board: a person by name, or an incarnation of ours. A fence is checked in the same transaction. */
export interface ChangedBy {
  readonly actor: MoveActor
  readonly name: string
  readonly fence: Fence | null
}

export interface MoveRequest {
  readonly taskId: string
  /** The move is made only from one of these. */
  readonly from: readonly BoardState[]
  readonly to: BoardState
  readonly phase: 'automated' | 'human' | null
  readonly reason: string
  /** The same key twice is the same move (an effect's id, a command's). */
  readonly key: string
  readonly by: ChangedBy
  /** True only where no agent of the task can be alive. */
  readonly attemptStopped: boolean
  /** Tells the task's actor in the same transaction, so that nobody claims the task before it has heard. */
  readonly tell?: InboxRow
}

export type MoveResult =
  | { readonly moved: true; readonly task: BoardTask }
  /** Somebody else was there first (`elsewhere`), or the table of moves says no (`illegal`). */
  | {
      readonly moved: false
      readonly task: BoardTask
      readonly refusal: 'elsewhere' | 'illegal'
      readonly why: string
    }

/** The actor that a claim starts, or wakes, in the same transaction; it is named like the task. */
export interface TakeStart {
  readonly queue: string
  readonly event: { readonly type: string } & Record<string, JsonValue>
  readonly machine: string
  readonly input: Readonly<Record<string, JsonValue>>
  readonly recordKey: string
  readonly recordField: 'spec'
}

/** What we or a person wrote under a task; `mark` makes it unique there. */
export interface TaskComment {
  readonly mark: string
  readonly text: string
  readonly by: string
  readonly atMs: number
}

/**
 * Where tasks live. Every write may be repeated. Errors are BoardFailure; a lost lease is the fence's StaleOwnerError.
 */
export interface Board {
  /** Adds a task once; one that is there already stays as it is. */
  add(
    spec: TaskSpec,
    state: Extract<BoardState, 'Backlog' | 'Ready'>,
    by: ChangedBy,
  ): Promise<{ taskId: TaskId; created: boolean }>
  get(taskId: string): Promise<BoardTask | null>
  /** By priority, then age. */
  list(query: {
    readonly state?: BoardState
    readonly kind?: TaskKind
    readonly after?: string
    readonly limit: number
  }): Promise<BoardTask[]>
  count(query: { readonly state?: BoardState; readonly kind?: TaskKind }): Promise<number>
  /** Moves the most urgent, oldest eligible task of a kind from Ready to Running; null where there is none. */
  take(query: {
    readonly kind: TaskKind
    /** Repositories whose tasks stay Ready for now. */
    readonly exceptRepos?: readonly string[]
    readonly by: ChangedBy
    readonly start: TakeStart | null
  }): Promise<BoardTask | null>
  /** Moves a task by compare-and-set. @throws BoardFailure `invalid_task` when there is no such task. */
  move(request: MoveRequest): Promise<MoveResult>
  /** The tasks it depends on that are not Done; a state of null: no such task. */
  waitingFor(taskId: string): Promise<{ readonly taskId: TaskId; readonly state: BoardState | null }[]>
  /** Comments once for each mark, however often it is asked to. */
  comment(
    taskId: string,
    comment: Pick<TaskComment, 'mark' | 'text'>,
    by: ChangedBy,
  ): Promise<{ posted: boolean }>
  comments(taskId: string): Promise<TaskComment[]>
}
