import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { InvalidTaskText } from './invalid-task-text.ts'
import { readFields, type TaskFields } from './task-fields.ts'
import type { Section } from './task-sections.ts'

/**
 * Reads `## Execution`: a YAML map, bare or in a code fence.
 * @throws InvalidTaskText with the line of the text.
 */
export const readExecution = (section: Section): TaskFields => {
  const { text, line } = withoutFence(section)
  const counter = new LineCounter()
  const lineAt = (offset: number | undefined): string =>
    `line ${line + (offset === undefined ? 0 : counter.linePos(offset).line - 1)}`
  const document = parseDocument(text, { lineCounter: counter, stringKeys: true, prettyErrors: false })
  const error = document.errors[0]
  if (error !== undefined)
    throw new InvalidTaskText(lineAt(error.pos[0]), `## Execution is no YAML: ${error.message}`)
  if (document.contents === null) return {}
  if (!isMap(document.contents)) {
    throw new InvalidTaskText(`line ${line}`, '## Execution must hold lines of the form "key: value"')
  }
  const places = new Map(
    document.contents.items.flatMap(({ key }): [string, string][] =>
      isScalar(key) ? [[String(key.value), lineAt(key.range?.[0])]] : [],
    ),
  )
  const value: unknown = toPlain(document, `line ${line}`)
  return readFields(value as Record<string, unknown>, (key) => places.get(key) ?? `line ${line}`)
}

/** No aliases: a task needs none, and a few of them make a text of any size. */
const toPlain = (document: ReturnType<typeof parseDocument>, place: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    throw new InvalidTaskText(place, `## Execution: ${(error as Error).message}`, { cause: error })
  }
}

const withoutFence = (section: Section): { text: string; line: number } => {
  const first = section.lines.findIndex((line) => line.trim() !== '')
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(section.lines[first] ?? '')?.[1]
  if (fence === undefined) return { text: section.lines.join('\n'), line: section.line }
  const rest = section.lines.slice(first + 1)
  const end = rest.findIndex((line) => line.trim().startsWith(fence))
  return { text: rest.slice(0, end === -1 ? undefined : end).join('\n'), line: section.line + first + 1 }
}
