import type { z } from 'zod'
import type { Trust } from '../contracts/task.ts'
import { InvalidTaskText } from './invalid-task-text.ts'
import { FIELDS, PlainLine, type TaskFields } from './task-fields.ts'

/** Labels of the form `name: value` that say what `## Execution` says too. */
const MEANINGS: Readonly<Record<string, { readonly key: keyof TaskFields; readonly needsTrust: boolean }>> = {
  repo: { key: 'repo', needsTrust: false },
  'task-kind': { key: 'kind', needsTrust: false },
  priority: { key: 'priority', needsTrust: true },
  'base-branch': { key: 'base_branch', needsTrust: true },
}

/**
 * What labels say of a task. Anybody can attach a label, so those that would move a task ahead or to another branch
 * count only from a trusted author; they stay on the task all the same.
 * @throws InvalidTaskText naming the label.
 */
export const readLabels = (labels: readonly string[], trust: Trust): TaskFields => {
  const fields: Record<string, unknown> = {}
  for (const label of labels) {
    const place = `label ${JSON.stringify(label.slice(0, 100))}`
    const line = PlainLine(100).safeParse(label)
    if (!line.success) throw new InvalidTaskText(place, line.error.issues[0]?.message ?? 'is not one line')
    const [, name = '', value = ''] = /^([a-z-]+):\s*(.*)$/.exec(label) ?? []
    const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined
    if (meaning === undefined || (meaning.needsTrust && trust !== 'trusted')) continue
    const schema: z.ZodType = FIELDS[meaning.key]
    const parsed = schema.safeParse(value.trim())
    if (!parsed.success) throw new InvalidTaskText(place, parsed.error.issues[0]?.message ?? 'is not valid')
    if (fields[meaning.key] !== undefined && fields[meaning.key] !== parsed.data) {
      throw new InvalidTaskText(place, `another label says ${String(fields[meaning.key])}; keep one`)
    }
    fields[meaning.key] = parsed.data
  }
  return fields
}
