import type { AnyStateMachine, AnyStateNode } from 'xstate'

/** One way out of a state. `target` is null where the machine stays and only acts. */
export interface DescribedTransition {
  readonly event: string
  readonly guard: string | null
  readonly target: string | null
  readonly actions: readonly string[]
}

/** One state of a chart, with the names of all it refers to. Paths are dotted, without the machine's name. */
export interface DescribedState {
  readonly path: string
  readonly parent: string | null
  readonly isFinal: boolean
  /** The path of the state entered first, for states with inner ones. */
  readonly initial: string | null
  readonly description: string
  readonly effects: readonly string[]
  readonly entry: readonly string[]
  readonly transitions: readonly DescribedTransition[]
}

export interface DescribedMachine {
  readonly name: string
  readonly initial: string | null
  /** Transitions that hold in every state. */
  readonly everywhere: readonly DescribedTransition[]
  readonly states: readonly DescribedState[]
}

/** Reads a machine's chart into plain words, in the order in which it is written. */
export const describeMachine = (machine: AnyStateMachine): DescribedMachine => ({
  name: machine.id,
  initial: initialOf(machine.root),
  everywhere: transitionsOf(machine.root),
  states: Object.values(machine.root.states).flatMap(describeStates),
})

const describeStates = (node: AnyStateNode): DescribedState[] => [
  {
    path: pathOf(node),
    parent: node.parent && node.parent.path.length > 0 ? pathOf(node.parent) : null,
    isFinal: node.type === 'final',
    initial: initialOf(node),
    description: node.description ?? '',
    effects: node.invoke.map((invoke) => String(invoke.src)),
    entry: node.entry.map(nameOf).filter((name) => !name.startsWith('xstate.')),
    transitions: transitionsOf(node),
  },
  ...Object.values(node.states).flatMap(describeStates),
]

const pathOf = (node: AnyStateNode): string => node.path.join('.')

const initialOf = (node: AnyStateNode): string | null => {
  if (node.config.initial === undefined) return null
  const [target] = node.initial.target
  return target === undefined ? null : pathOf(target)
}

const transitionsOf = (node: AnyStateNode): DescribedTransition[] =>
  [...[...node.transitions.values()].flat(), ...(node.always ?? [])].flatMap(
    (transition): DescribedTransition[] => {
      const described = {
        event: eventLabel(transition.eventType),
        guard: transition.guard === undefined ? null : guardLabel(transition.guard),
        actions: transition.actions.map(nameOf),
      }
      const targets = transition.target ?? []
      if (targets.length === 0) return [{ ...described, target: null }]
      return targets.map((target) => ({ ...described, target: pathOf(target) }))
    },
  )

/** XState's own event names in plain words. */
const eventLabel = (eventType: string): string => {
  const [, kind, name] = /^xstate\.(done\.actor|error\.actor|after|done\.state)\.(.+)$/.exec(eventType) ?? []
  if (kind === 'done.actor') return `${name} done`
  if (kind === 'error.actor') return `${name} failed`
  if (kind === 'after') return `after ${name?.split('.')[0]}`
  if (kind === 'done.state') return 'inner states done'
  return eventType === '' ? 'at once' : eventType
}

const guardLabel = (guard: unknown): string => {
  const params = paramsOf(guard)
  return params.length === 0 ? nameOf(guard) : `${nameOf(guard)}(${params.join(', ')})`
}

const paramsOf = (step: unknown): string[] => {
  if (typeof step !== 'object' || step === null || !('params' in step)) return []
  const { params } = step
  return typeof params === 'object' && params !== null ? Object.values(params).map(String) : []
}

const nameOf = (step: unknown): string => {
  if (typeof step === 'string') return step
  if (typeof step === 'object' && step !== null && 'label' in step) return String(step.label)
  if ((typeof step === 'object' || typeof step === 'function') && step !== null && 'type' in step)
    return String(step.type)
  return 'inline'
}
