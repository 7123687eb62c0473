import type { DescribedMachine, DescribedState, DescribedTransition } from '../docs/describe-machine.ts'
import { paint } from '../print/paint.ts'

/** Where an actor of the machine is and was; states by their dotted paths. */
export interface Traces {
  /** The states it is in, the outer ones too. */
  readonly active: ReadonlySet<string>
  /** How often each state was entered. */
  readonly entered: ReadonlyMap<string, number>
}

/**
 * A chart for the terminal: states indented under the states they are in, each with what it means, what it does and its
 * ways out (`event [guard] → target`). With traces the states of one actor are marked.
 */
export const drawMachine = (machine: DescribedMachine, traces: Traces | null): string => {
  const everywhere =
    machine.everywhere.length === 0
      ? []
      : [`  ${paint('in every state', 'grey')}`, ...machine.everywhere.map((way) => `      ${wayText(way)}`)]
  return [...everywhere, ...drawLevel(machine, null, traces)].join('\n')
}

const drawLevel = (machine: DescribedMachine, parent: string | null, traces: Traces | null): string[] =>
  machine.states
    .filter((state) => state.parent === parent)
    .flatMap((state) => [
      ...drawState(state, firstOf(machine, parent) === state.path, traces),
      ...drawLevel(machine, state.path, traces),
    ])

const firstOf = (machine: DescribedMachine, parent: string | null): string | null =>
  parent === null ? machine.initial : (machine.states.find((state) => state.path === parent)?.initial ?? null)

const drawState = (state: DescribedState, isFirst: boolean, traces: Traces | null): string[] => {
  const depth = state.path.split('.').length - 1
  const indent = '    '.repeat(depth)
  const isActive = traces?.active.has(state.path) === true
  const count = traces?.entered.get(state.path) ?? 0
  const notes = [
    ...(isFirst ? ['first'] : []),
    ...(state.isFinal ? ['final'] : []),
    ...(count === 0 ? [] : [`entered ${count === 1 ? 'once' : `${count} times`}`]),
  ]
  const name = paint(state.path.split('.').at(-1) ?? state.path, isActive ? 'green' : 'cyan')
  const here = isActive ? `  ${paint('← here', 'green')}` : ''
  const noted = notes.length === 0 ? '' : ` ${paint(`(${notes.join(', ')})`, 'grey')}`
  const under = (line: string): string => `${indent}      ${line}`
  return [
    `${isActive ? paint('▶', 'green') : ' '} ${indent}${name}${noted}${here}`,
    ...(state.description === '' ? [] : [under(paint(state.description, 'grey'))]),
    ...(state.effects.length === 0 ? [] : [under(`does ${state.effects.join(', ')}`)]),
    ...(state.entry.length === 0 ? [] : [under(`on entry: ${state.entry.join(', ')}`)]),
    ...state.transitions.map((way) => under(wayText(way))),
  ]
}

const wayText = ({ event, guard, target }: DescribedTransition): string =>
  `${event}${guard === null ? '' : ` [${guard}]`} → ${target ?? '(stays)'}`
