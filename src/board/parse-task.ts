import { TaskId } from '../contracts/ids.ts'
import { RISKS, TaskSpec, type Trust } from '../contracts/task.ts'
import { readExecution } from './execution-block.ts'
import { InvalidTaskText } from './invalid-task-text.ts'
import { PlainLine, type TaskFields } from './task-fields.ts'
import { readLabels } from './task-labels.ts'
import { plainLines, type Section, type TaskSections, taskSections } from './task-sections.ts'

/** A task as somebody wrote it. */
export interface TaskText {
  readonly id: string
  /** Null: the text's first level-one heading, else the goal's first line. */
  readonly title: string | null
  readonly text: string
  readonly labels: readonly string[]
  readonly author: string
  readonly trust: Trust
  readonly createdAtMs: number
  readonly parent: TaskSpec['parent']
}

const DEFAULT_RISK = 'medium'

/**
 * Understands a task's text: `## Goal` (else everything but the sections we know), `## Constraints`, `## Execution`,
 * and `depends_on: task-…` lines anywhere outside code. `## Execution` and labels must agree on repository and kind; a
 * trusted label wins over the text elsewhere. An untrusted author can raise the risk, never lower it.
 * @throws InvalidTaskText for whatever is missing, unknown or not allowed, with its place.
 */
export const parseTask = (input: TaskText): TaskSpec => {
  const sections = taskSections(input.text)
  const execution = oneSection(sections, 'Execution')
  const written = execution === null ? {} : readExecution(execution)
  const labels = readLabels(input.labels, input.trust)
  const { goal, line } = goalOf(sections)
  const kind = agreed('kind', labels.kind, written.kind ?? written.mode) ?? 'goal'
  const repo = agreed('repo', labels.repo, written.repo)
  if (repo === undefined) {
    throw new InvalidTaskText(
      'repo',
      'no repository is named; write "repo: KEY" under ## Execution or add the label "repo: KEY"',
    )
  }
  const spec = TaskSpec.safeParse({
    id: input.id,
    title: titleOf(input, sections, goal),
    kind,
    repo,
    goal,
    constraints: textOf(oneSection(sections, 'Constraints')) || null,
    baseBranch: labels.base_branch ?? written.base_branch ?? null,
    allowedPaths: written.allowed_paths ?? [],
    priority: labels.priority ?? written.priority ?? 'normal',
    type: written.type ?? 'unknown',
    risk: riskOf(written.risk, input.trust),
    verify: written.verify ?? false,
    dependsOn: dependenciesOf(input.id, sections, written),
    labels: [...new Set(input.labels)],
    author: input.author,
    trust: input.trust,
    parent: input.parent,
    createdAtMs: input.createdAtMs,
  })
  if (spec.success) return spec.data
  const issue = spec.error.issues[0]
  const key = String(issue?.path[0] ?? 'task')
  throw new InvalidTaskText(
    key === 'goal' ? `line ${line}` : key,
    `${key} ${issue?.message ?? 'is not valid'}`,
  )
}

const KNOWN = ['Goal', 'Constraints', 'Execution']

const oneSection = ({ sections }: TaskSections, heading: string): Section | null => {
  const found = sections.filter((section) => section.heading.toLowerCase() === heading.toLowerCase())
  const second = found[1]
  if (second !== undefined)
    throw new InvalidTaskText(`line ${second.line - 1}`, `a second "## ${heading}"; keep one`)
  return found[0] ?? null
}

const textOf = (section: Section | null): string => section?.lines.join('\n').trim() ?? ''

const goalOf = (sections: TaskSections): { goal: string; line: number } => {
  const section = oneSection(sections, 'Goal')
  const unknown = sections.sections.filter(({ heading }) => !KNOWN.some((known) => isNamed(heading, known)))
  const rest = [textOf(sections.preamble), ...unknown.map((other) => `## ${other.heading}\n${textOf(other)}`)]
  const goal = section === null ? rest.join('\n\n').trim() : textOf(section)
  const line = section?.line ?? 1
  if (goal === '')
    throw new InvalidTaskText(`line ${line}`, 'there is no goal; write what is to be done under ## Goal')
  return { goal, line }
}

const isNamed = (heading: string, known: string): boolean => heading.toLowerCase() === known.toLowerCase()

const titleOf = (input: TaskText, { preamble }: TaskSections, goal: string): string => {
  const headings = plainLines(preamble).map(({ text }) => /^#[ \t]+(.+)$/.exec(text)?.[1]?.trim())
  const firstLine = goal.split('\n').find((line) => /[^\s#*`>-]/.test(line)) ?? ''
  const derived = headings.find((heading) => heading) ?? firstLine.replace(/^[\s#>*-]+|[*`]/g, '').trim()
  const title = PlainLine(200).safeParse(input.title ?? derived.replaceAll('\t', ' ').slice(0, 120).trim())
  if (title.success) return title.data
  throw new InvalidTaskText('title', title.error.issues[0]?.message ?? 'is not valid')
}

const agreed = <T>(key: string, label: T | undefined, written: T | undefined): T | undefined => {
  if (label !== undefined && written !== undefined && label !== written) {
    throw new InvalidTaskText(
      key,
      `a label says ${String(label)} and ## Execution says ${String(written)}; keep one`,
    )
  }
  return written ?? label
}

const riskOf = (written: TaskFields['risk'], trust: Trust): TaskSpec['risk'] => {
  if (written === undefined) return DEFAULT_RISK
  if (trust === 'trusted') return written
  return RISKS.indexOf(written) > RISKS.indexOf(DEFAULT_RISK) ? written : DEFAULT_RISK
}

const dependenciesOf = (id: string, sections: TaskSections, written: TaskFields): TaskId[] => {
  const lines = [sections.preamble, ...sections.sections]
    .filter((section) => !isNamed(section.heading, 'Execution'))
    .flatMap(plainLines)
  const inText = lines.flatMap(({ line, text }) => {
    const match = /^\s*(?:[-*+]\s+)?depends_on:\s*(.*)$/.exec(text)
    const names = match?.[1]?.replace(/^\[|\]$/g, '').split(',') ?? []
    return names.map((name) => taskId(name.trim(), `line ${line}`))
  })
  const all = [...new Set([...(written.depends_on ?? []), ...inText])]
  if (all.some((other) => other === id))
    throw new InvalidTaskText('depends_on', `${id} cannot depend on itself`)
  return all
}

const taskId = (text: string, place: string): TaskId => {
  const parsed = TaskId.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidTaskText(
    place,
    `depends_on ${JSON.stringify(text.slice(0, 80))}: ${parsed.error.issues[0]?.message}`,
  )
}
