import { type AnyStateMachine, type AnyStateNode, fromPromise, type UnknownAction } from 'xstate'

/**
 * Everything in a machine that the durable profile forbids, one sentence each; empty where it may run on the host.
 * Allowed: string-named promise-style `invoke` with `onDone` and `onError`, `after`, guards, `assign`, `raise`,
 * `cancel` and named custom actions. What cannot be seen before it runs (`enqueueActions`, inline functions) is
 * forbidden too; `assign` that spawns is found after the transition (see plan-turn.ts).
 */
export const checkProfile = (machine: AnyStateMachine): string[] =>
  nodesOf(machine.root).flatMap((node) => [
    ...checkInvokes(machine, node),
    ...checkTransitions(machine, node),
    ...checkActions(machine, node.entry, `entry of ${node.id}`),
    ...checkActions(machine, node.exit, `exit of ${node.id}`),
  ])

/** The names of all effects that a machine asks for: invoked actors, and custom actions other than `reserved`. */
export const effectNames = (machine: AnyStateMachine, reserved: readonly string[]): string[] => {
  const nodes = nodesOf(machine.root)
  const actions = nodes.flatMap((node) => [
    ...node.entry,
    ...node.exit,
    ...allTransitions(node).flatMap((transition) => transition.actions),
  ])
  const custom = actions
    .map((action) => nameOf(action))
    .filter((name) => name !== null)
    .filter((name) => !isBuiltIn(machine.implementations.actions[name]) && !reserved.includes(name))
  return [
    ...new Set([...nodes.flatMap((node) => node.invoke.map((invoke) => String(invoke.src))), ...custom]),
  ]
}

/** The ids of all children that a machine may have. */
export const invokeIds = (machine: AnyStateMachine): ReadonlySet<string> =>
  new Set(nodesOf(machine.root).flatMap((node) => node.invoke.map((invoke) => invoke.id)))

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)]

const allTransitions = (node: AnyStateNode) => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
  ...(node.config.initial === undefined ? [] : [node.initial]),
]

const checkInvokes = (machine: AnyStateMachine, node: AnyStateNode): string[] =>
  node.invoke.flatMap((invoke) => {
    const place = `invoke ${invoke.id} in ${node.id}`
    const src = String(invoke.src)
    if (typeof invoke.src !== 'string' || src.startsWith('xstate.invoke.'))
      return [`${place} has inline logic; name an actor of setup({ actors }) instead`]
    const logic = (machine.implementations.actors as Record<string, unknown>)[src]
    return [
      ...(isPromiseLogic(logic)
        ? []
        : [
            `${place}: actor ${src} is ${logic === undefined ? 'not in setup({ actors })' : 'not promise logic'}; declare it with fromPromise`,
          ]),
      ...(invoke.onDone === undefined ? [`${place} has no onDone`] : []),
      ...(invoke.onError === undefined ? [`${place} has no onError`] : []),
      ...(invoke.onSnapshot === undefined ? [] : [`${place} uses onSnapshot`]),
      // `actor/version/index` is the id of a custom action.
      ...(/^\d+$/.test(invoke.id) ? [`${place} has a number for its id`] : []),
      ...(invoke.systemId === undefined ? [] : [`${place} uses systemId`]),
    ]
  })

const checkTransitions = (machine: AnyStateMachine, node: AnyStateNode): string[] =>
  allTransitions(node).flatMap((transition) => [
    ...(transition.eventType === '*' ? [`${node.id} has a bare '*', which would swallow errors`] : []),
    ...checkActions(
      machine,
      transition.actions,
      `transition ${transition.eventType || 'always'} of ${node.id}`,
    ),
  ])

const checkActions = (machine: AnyStateMachine, actions: readonly UnknownAction[], place: string): string[] =>
  actions.flatMap((action) => {
    const name = nameOf(action)
    const implementation = name === null ? action : machine.implementations.actions[name]
    const type = builtInType(implementation)
    if (type !== null && !ALLOWED_BUILT_INS.has(type))
      return [`${place} uses ${type.replace('xstate.', '')}; the host could not carry it out after a crash`]
    if (name === null && type === null)
      return [`${place} has an inline function; name the action, so that it becomes an effect`]
    return []
  })

const ALLOWED_BUILT_INS: ReadonlySet<string> = new Set(['xstate.assign', 'xstate.raise', 'xstate.cancel'])

const nameOf = (action: unknown): string | null => {
  if (typeof action === 'string') return action
  if (typeof action === 'object' && action !== null && 'type' in action) return String(action.type)
  return null
}

const builtInType = (action: unknown): string | null =>
  typeof action === 'function' && 'type' in action ? String(action.type) : null

const isBuiltIn = (action: unknown): boolean => builtInType(action) !== null

/** XState does not say what kind a logic is; all promise logics share one transition function text. */
const isPromiseLogic = (logic: unknown): boolean =>
  typeof logic === 'object' &&
  logic !== null &&
  'transition' in logic &&
  String(logic.transition) === PROMISE_TRANSITION

const PROMISE_TRANSITION = String(fromPromise(async () => null).transition)
