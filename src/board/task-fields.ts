import { z } from 'zod'
import { Key, TaskId } from '../contracts/ids.ts'
import { TaskKind } from '../contracts/lane-name.ts'
import { Line, PathGlob, Priority, Risk, TaskType } from '../contracts/task.ts'
import { InvalidTaskText } from './invalid-task-text.ts'
import { nearest } from './nearest.ts'

const listOf = <T extends z.ZodType>(item: T, max: number) =>
  z.preprocess((value) => (typeof value === 'string' ? [value.trim()] : value), z.array(item).max(max))

/** One line that no program takes for an option and no reader for something else. */
export const PlainLine = (max: number) =>
  Line(max)
    .refine((text) => !text.startsWith('-'), 'must not start with "-"')
    .refine((text) => !/[\u202a-\u202e\u2066-\u2069]/.test(text), 'must not change the direction of text')

/** A branch as git allows one, and as no program takes it for an option or a path. */
export const BranchName = PlainLine(200)
  .refine(
    (name) => !/[\s~^:?*[\\]|\.\.|@\{|\/\/|^@$/.test(name),
    'must not contain spaces, "..", "@{" or ~^:?*[\\',
  )
  .refine((name) => !/(^|\/)\.|\.(\/|$)|\.lock(\/|$)|^\/|\/$/.test(name), 'is not a branch name')

/** What `## Execution` may say; an imported task's keys too. */
export const FIELDS = {
  repo: Key,
  base_branch: BranchName,
  kind: TaskKind,
  /** The earlier name of `kind`. */
  mode: TaskKind,
  allowed_paths: listOf(PathGlob, 200),
  type: TaskType,
  risk: Risk,
  priority: Priority,
  verify: z.boolean(),
  depends_on: listOf(TaskId, 100),
} as const

export const TaskFields = z.object(FIELDS).partial()
export type TaskFields = z.infer<typeof TaskFields>

/**
 * Checks fields against the schema.
 * @throws InvalidTaskText with the key's place; for an unknown key it names the nearest.
 */
export const readFields = (
  value: Readonly<Record<string, unknown>>,
  placeOf: (key: string) => string,
  known: readonly string[] = Object.keys(FIELDS),
): TaskFields => {
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    const near = nearest(unknown, known)
    const hint = near === null ? `known are ${known.join(', ')}` : `did you mean "${near}"?`
    throw new InvalidTaskText(
      placeOf(unknown),
      `unknown key ${JSON.stringify(unknown.slice(0, 60))}; ${hint}`,
    )
  }
  const parsed = TaskFields.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const [key = '', ...rest] = (issue?.path ?? []).map(String)
    throw new InvalidTaskText(placeOf(key), `${[key, ...rest].join('.')} ${issue?.message ?? 'is not valid'}`)
  }
  const { kind, mode } = parsed.data
  if (kind !== undefined && mode !== undefined && kind !== mode) {
    throw new InvalidTaskText(placeOf('mode'), `mode says ${mode} and kind says ${kind}; keep kind`)
  }
  return parsed.data
}
