import { z } from 'zod'
import { Key, TaskId } from './ids.ts'
import { TaskKind } from './lane-name.ts'

export const BOARD_STATES = ['Backlog', 'Ready', 'Running', 'Review', 'Blocked', 'Done', 'Cancelled'] as const
export const BoardState = z.enum(BOARD_STATES)
export type BoardState = z.infer<typeof BoardState>

export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const
export const Priority = z.enum(PRIORITIES)
export type Priority = z.infer<typeof Priority>

export const RISKS = ['low', 'medium', 'high'] as const
export const Risk = z.enum(RISKS)
export type Risk = z.infer<typeof Risk>

export const TASK_TYPES = [
  'lint_fix',
  'bug_fix',
  'simple_edit',
  'test_write',
  'documentation',
  'refactor',
  'feature',
  'dependency_update',
  'unknown',
] as const
export const TaskType = z.enum(TASK_TYPES)
export type TaskType = z.infer<typeof TaskType>

/** Who wrote a task's text. Only a trusted author's labels may change policy; text is never an instruction to us. */
export const Trust = z.enum(['trusted', 'untrusted'])
export type Trust = z.infer<typeof Trust>

/** One line of text: no control characters (NUL, newline, escape) get into titles, names, branches or terminals. */
export const Line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, 'must be one line without control characters')

/** A relative path glob as people write it: no `..`, no leading `/`, no control characters. */
export const PathGlob = Line(500).refine(
  (glob) => !glob.startsWith('/') && !glob.split('/').includes('..'),
  'must be relative to the repository and must not contain ".."',
)

/** What a task asks for, after its text has been parsed and validated. */
export const TaskSpec = z.object({
  id: TaskId,
  title: Line(200),
  kind: TaskKind,
  repo: Key,
  goal: z.string().min(1).max(50_000),
  constraints: z.string().max(50_000).nullable(),
  /** What programs and agents said of the task that this one follows up on; never trusted, whoever its author is. */
  quoted: z.string().max(50_000).nullable().default(null),
  baseBranch: Line(200).nullable(),
  allowedPaths: z.array(PathGlob).max(200),
  priority: Priority,
  type: TaskType,
  risk: Risk,
  /** True where the task asks for a `test` child before it is Done. */
  verify: z.boolean(),
  dependsOn: z.array(TaskId).max(100),
  labels: z.array(Line(100)).max(100),
  author: Line(100),
  trust: Trust,
  /** The task this one follows up on, and why; null for a task of its own. */
  parent: z.object({ id: TaskId, handoff: Line(60) }).nullable(),
  createdAtMs: z.number().int().nonnegative(),
})
export type TaskSpec = z.infer<typeof TaskSpec>

/** A task as a board shows it. `version` rises with every change: every move is a compare-and-set on it. */
export const BoardTask = z.object({
  spec: TaskSpec,
  state: BoardState,
  /** Only in Review: whether a machine or a person is wanted next. */
  phase: z.enum(['automated', 'human']).nullable(),
  reason: z.string().max(2000),
  version: z.number().int().positive(),
  updatedAtMs: z.number().int().nonnegative(),
})
export type BoardTask = z.infer<typeof BoardTask>
