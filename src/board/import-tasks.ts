import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { Key, TaskId } from '../contracts/ids.ts'
import { TaskSpec } from '../contracts/task.ts'
import type { Board, ChangedBy } from './board.ts'
import { InvalidTaskText } from './invalid-task-text.ts'
import { FIELDS, PlainLine, readFields } from './task-fields.ts'

const OWN = {
  /** Names the task for good: its id is `task-<key>`. */
  key: Key,
  title: PlainLine(200),
  goal: z.string().min(1).max(50_000),
  constraints: z.string().max(50_000).optional(),
  labels: z.array(PlainLine(100)).max(100).optional(),
  state: z.enum(['Backlog', 'Ready']).optional(),
}
const Entry = z.object(OWN)
const File = z.strictObject({ tasks: z.array(z.record(z.string(), z.unknown())).max(10_000) })

export interface ImportedTasks {
  readonly created: TaskId[]
  /** There already; left as they are on the board, whatever the file says now. */
  readonly existing: TaskId[]
}

/** A task of a file, ready to be added. */
export interface FileTask {
  readonly spec: TaskSpec
  readonly state: 'Backlog' | 'Ready'
}

interface Importer {
  readonly by: ChangedBy
  readonly nowMs: number
}

/**
 * Reads a YAML file of tasks (`tasks: [{key, title, goal, repo, …}]`), all of it or nothing. `depends_on` names keys of
 * the file or ids of tasks.
 * @throws InvalidTaskText naming the file and the task.
 */
export const readTaskFile = (file: string, importer: Importer): FileTask[] => {
  const tasks = readEntries(file).map((entry, index) =>
    specOf(entry, `${file}: tasks[${index}]`, importer, index),
  )
  const twice = tasks.find(
    ({ spec }, index) => tasks.findIndex((other) => other.spec.id === spec.id) !== index,
  )
  if (twice !== undefined) throw new InvalidTaskText(file, `two tasks have the key of ${twice.spec.id}`)
  return tasks
}

/** Adds the tasks of a file that are not on the board yet. */
export const importTasks = async (
  board: Board,
  tasks: readonly FileTask[],
  by: ChangedBy,
): Promise<ImportedTasks> => {
  const result: ImportedTasks = { created: [], existing: [] }
  for (const { spec, state } of tasks) {
    const { taskId, created } = await board.add(spec, state, by)
    ;(created ? result.created : result.existing).push(taskId)
  }
  return result
}

const readEntries = (file: string): Record<string, unknown>[] => {
  let data: unknown
  try {
    data = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 })
  } catch (error) {
    throw new InvalidTaskText(file, (error as Error).message, { cause: error })
  }
  const parsed = File.safeParse(data)
  if (parsed.success) return parsed.data.tasks
  const issue = parsed.error.issues[0]
  throw new InvalidTaskText(file, `${issue?.path.map(String).join('.') || 'file'}: ${issue?.message}`)
}

const specOf = (
  entry: Record<string, unknown>,
  place: string,
  { by, nowMs }: Importer,
  index: number,
): FileTask => {
  const own = Entry.safeParse(entry)
  if (!own.success) {
    const issue = own.error.issues[0]
    throw new InvalidTaskText(place, `${issue?.path.map(String).join('.')}: ${issue?.message}`)
  }
  const known = [...Object.keys(OWN), ...Object.keys(FIELDS)]
  const fields = readFields({ ...entry, ...dependencies(entry) }, (key) => `${place}.${key}`, known)
  const { key, title, goal, constraints, labels, state } = own.data
  const spec = TaskSpec.safeParse({
    id: TaskId.parse(`task-${key}`),
    title,
    kind: fields.kind ?? fields.mode ?? 'goal',
    repo: fields.repo,
    goal,
    constraints: constraints ?? null,
    baseBranch: fields.base_branch ?? null,
    allowedPaths: fields.allowed_paths ?? [],
    priority: fields.priority ?? 'normal',
    type: fields.type ?? 'unknown',
    risk: fields.risk ?? 'medium',
    verify: fields.verify ?? false,
    dependsOn: fields.depends_on ?? [],
    labels: labels ?? [],
    author: by.name,
    trust: 'trusted',
    parent: null,
    // Tasks of one file keep its order.
    createdAtMs: nowMs + index,
  })
  if (spec.success) return { spec: spec.data, state: state ?? 'Ready' }
  const issue = spec.error.issues[0]
  throw new InvalidTaskText(place, `${issue?.path.map(String).join('.')}: ${issue?.message}`)
}

const dependencies = (entry: Record<string, unknown>): { depends_on?: unknown } => {
  const given = entry.depends_on
  if (given === undefined) return {}
  const names = Array.isArray(given) ? given : [given]
  return {
    depends_on: names.map((name) =>
      Key.safeParse(name).success && !TaskId.safeParse(name).success ? `task-${name}` : name,
    ),
  }
}
