import type { DescribedMachine, DescribedState, DescribedTransition } from './describe-machine.ts'

export interface PageOptions {
  /** The sentence that heads the page. */
  readonly owner: string
  /** Events and states that nearly every state leads to: left out of the diagram, told in the tables. */
  readonly quiet: readonly string[]
}

/**
 * A chart as one Markdown page: a Mermaid diagram that GitHub draws, and a table that says what each state means.
 * The same chart gives the same text.
 */
export const renderMachine = (machine: DescribedMachine, { owner, quiet }: PageOptions): string =>
  [
    `# Machine \`${machine.name}\``,
    '',
    '<!-- Written by `npm run docs:machines` from the machine itself; edits are overwritten. -->',
    '',
    owner,
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...diagram(machine, quiet),
    '```',
    '',
    ...(quiet.length === 0 ? [] : [`Not drawn, but in the tables: ${code(quiet)}.`, '']),
    ...(machine.everywhere.length === 0
      ? []
      : ['## In every state', '', ...table(machine.everywhere.map(transitionRow)), '']),
    '## States',
    '',
    ...machine.states.flatMap(stateSection),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')

const diagram = (machine: DescribedMachine, quiet: readonly string[]): string[] => [
  ...inside({ ...machine, states: machine.states.filter(({ path }) => !quiet.includes(path)) }, null, '  '),
  ...machine.states.flatMap((state) =>
    edges(state, quiet).map(
      ([target, labels]) => `  ${idOf(state.path)} --> ${idOf(target)} : ${labels.join(' or ')}`,
    ),
  ),
  ...machine.states
    .filter((state) => state.isFinal && !quiet.includes(state.path))
    .map((state) => `  ${idOf(state.path)} --> [*]`),
]

/** The states of one level, inner ones in braces. */
const inside = (machine: DescribedMachine, parent: string | null, indent: string): string[] => {
  const initial =
    parent === null ? machine.initial : machine.states.find((state) => state.path === parent)?.initial
  return [
    ...(initial == null ? [] : [`${indent}[*] --> ${idOf(initial)}`]),
    ...machine.states
      .filter((state) => state.parent === parent)
      .flatMap((state) => {
        const name = state.path.split('.').at(-1) ?? state.path
        const inner = inside(machine, state.path, `${indent}  `)
        if (inner.length === 0) return [`${indent}state "${name}" as ${idOf(state.path)}`]
        return [`${indent}state "${name}" as ${idOf(state.path)} {`, ...inner, `${indent}}`]
      }),
  ]
}

/** What leads from one state to another is one arrow, however many events do. */
const edges = (state: DescribedState, quiet: readonly string[]): [string, string[]][] => {
  if (quiet.includes(state.path)) return []
  const byTarget = new Map<string, string[]>()
  for (const { event, target } of state.transitions) {
    if (target === null || quiet.includes(event) || quiet.includes(target)) continue
    const labels = byTarget.get(target) ?? []
    if (!labels.includes(event)) byTarget.set(target, [...labels, event])
  }
  return [...byTarget]
}

const idOf = (path: string): string => path.replaceAll(/[^A-Za-z0-9]/g, '_')

const stateSection = (state: DescribedState): string[] => [
  `### ${state.path}${state.isFinal ? ' (final)' : ''}`,
  '',
  ...(state.description === '' ? [] : [state.description, '']),
  ...(state.effects.length === 0 ? [] : [`Effect: ${code(state.effects)}`, '']),
  ...(state.entry.length === 0 ? [] : [`On entry: ${code(state.entry)}`, '']),
  ...(state.transitions.length === 0 ? [] : [...table(state.transitions.map(transitionRow)), '']),
]

const transitionRow = ({ event, guard, target, actions }: DescribedTransition): string[] => [
  event,
  guard === null ? '' : code([guard]),
  target ?? '(stays)',
  code(actions),
]

const table = (rows: readonly string[][]): string[] => [
  '| event | if | then | doing |',
  '|---|---|---|---|',
  ...rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
]

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
