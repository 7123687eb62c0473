import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type ExecutableActionObject,
  initialTransition,
} from 'xstate'
import { getAdjacencyMap } from 'xstate/graph'
import { DURABLE_MACHINES } from '../../../../machines/durable/registry.ts'
import { type Asked, checkSnapshot, readActions } from './durable-run.ts'
import { stamp } from './samples.ts'

export type TestEvent = { readonly type: string } & Readonly<Record<string, unknown>>

/** What is known from events alone, beside the machine: the ground truth its invariants are held against. */
export interface Ghost<G> {
  readonly start: G
  /** What of it tells two states apart. */
  readonly project: (ghost: G) => unknown
  /** @throws where the machine asks for something it must not. */
  readonly next: (ghost: G, event: TestEvent, asked: readonly Asked[], after: AnyMachineSnapshot) => G
}

/** One reached state. */
export interface Visit<G> {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly output: undefined
  readonly error: undefined
  readonly snapshot: AnyMachineSnapshot
  readonly ghost: G
  /** What the step that led here asked for. */
  readonly asked: readonly Asked[]
}

export interface Edge<G> {
  readonly from: Visit<G>
  readonly event: TestEvent
  readonly to: Visit<G>
}

/**
 * Walks a durable machine from its start through every event that can happen: its effects' results, its timers, and
 * `outside`. Every step is checked as the host would check it, every new state survives being stored.
 * @param project what tells two states apart; counters that only name things are left out.
 */
export const explore = <G>(
  name: keyof typeof DURABLE_MACHINES,
  input: unknown,
  options: {
    outputs: (effect: string, context: never) => readonly unknown[]
    failures: readonly unknown[]
    outside: (context: never) => readonly TestEvent[]
    project: (context: never, value: unknown) => unknown
    ghost: Ghost<G>
  },
): { visits: ReadonlyMap<string, Visit<G>>; edges: readonly Edge<G>[]; key: (visit: Visit<G>) => string } => {
  const { machine } = DURABLE_MACHINES[name]
  const seen = new Set<string>()
  const key = (visit: Visit<G>): string =>
    JSON.stringify([
      visit.snapshot.value,
      options.project(visit.snapshot.context as never, visit.snapshot.value),
      options.ghost.project(visit.ghost),
    ])

  const visit = (snapshot: AnyMachineSnapshot, actions: unknown, event: TestEvent, ghost: G): Visit<G> => {
    if (snapshot.status === 'error') throw new Error(`${event.type} ended in an error: ${snapshot.error}`)
    const asked = readActions(actions as never)
    const next = options.ghost.next(ghost, event, asked, snapshot)
    const visited = {
      status: snapshot.status,
      output: undefined,
      error: undefined,
      snapshot,
      ghost: next,
      asked,
    } as const
    if (!seen.has(key(visited))) checkSnapshot(name, snapshot)
    seen.add(key(visited))
    return visited
  }

  const takeStep = stepsOf(machine, input)
  const step = (from: Visit<G>, event: TestEvent): Visit<G> => {
    const [snapshot, actions] = takeStep(from.snapshot, { ...event, ...stamp })
    return visit(snapshot, actions, event, from.ghost)
  }

  const events = ({ snapshot }: Visit<G>): TestEvent[] => [
    ...Object.keys(snapshot.children).flatMap((effect) => [
      ...options.outputs(effect, snapshot.context as never).map((output) => ({
        type: `xstate.done.actor.${effect}`,
        output,
        actorId: effect,
      })),
      ...options.failures.map((error) => ({ type: `xstate.error.actor.${effect}`, error, actorId: effect })),
    ]),
    ...snapshot._nodes.flatMap((node) => node.after.map((timer) => ({ type: timer.eventType }))),
    // What the chart does not handle changes nothing; final states are shown all of it nevertheless.
    ...options
      .outside(snapshot.context as never)
      .filter((event) => snapshot.status !== 'active' || snapshot.can({ ...event, ...stamp })),
  ]

  const logic = {
    transition: step,
    getInitialSnapshot: () => {
      const [snapshot, actions] = initialTransition(machine, input as never)
      return visit(snapshot as AnyMachineSnapshot, actions, { type: 'xstate.init' }, options.ghost.start)
    },
    getPersistedSnapshot: (from: Visit<G>) => from,
  }
  const map = getAdjacencyMap(
    logic as never,
    {
      events: events as never,
      serializeState: key as never,
      serializeEvent: (event: TestEvent) => JSON.stringify(event),
      limit: 200_000,
    } as never,
  ) as Record<string, { state: Visit<G>; transitions: Record<string, { event: TestEvent; state: Visit<G> }> }>

  const visits = new Map(Object.entries(map).map(([id, { state }]) => [id, state]))
  const edges = Object.values(map).flatMap(({ state, transitions }) =>
    Object.values(transitions).map((one) => ({ from: state, event: one.event, to: one.state })),
  )
  return { visits, edges, key }
}

/** What `transition` of xstate does, with one actor for all steps: making a new one takes most of the time of a step. */
const stepsOf = (
  machine: (typeof DURABLE_MACHINES)[keyof typeof DURABLE_MACHINES]['machine'],
  input: unknown,
) => {
  const self = createActor(machine as AnyStateMachine, { input })
  let actions: ExecutableActionObject[] = []
  const scope: Omit<AnyActorScope, 'actionExecutor'> & {
    actionExecutor(action: ExecutableActionObject): void
  } = {
    ...{ self, system: self.system, id: '', sessionId: '' },
    ...{ defer: () => {}, logger: () => {}, stopChild: () => {}, emit: () => {} },
    actionExecutor: (action) => void actions.push(action),
  }
  return (snapshot: AnyMachineSnapshot, event: TestEvent): [AnyMachineSnapshot, ExecutableActionObject[]] => {
    actions = []
    const next = machine.transition(snapshot as never, event as never, scope as never)
    return [next as AnyMachineSnapshot, actions]
  }
}

/** The states of the chart that nothing reached, by path. */
export const unreached = <G>(
  name: keyof typeof DURABLE_MACHINES,
  visits: Iterable<Visit<G>>,
  passing: readonly string[],
): string[] => {
  const reached = new Set([...visits].flatMap(({ snapshot }) => snapshot._nodes.map((node) => node.key)))
  const all = (node: { key: string; states: Record<string, unknown> }): string[] => [
    node.key,
    ...Object.values(node.states).flatMap((child) => all(child as never)),
  ]
  return all(DURABLE_MACHINES[name].machine.root as never).filter(
    (key) => !reached.has(key) && !passing.includes(key),
  )
}

/** States from which no end can be reached by results, timers and these operator events. */
export const deadEnds = <G>(
  { visits, edges, key }: ReturnType<typeof explore<G>>,
  operator: readonly string[],
): string[] => {
  const before = new Map<string, Set<string>>()
  for (const { from, event, to } of edges) {
    if (!event.type.startsWith('xstate.') && !operator.includes(event.type)) continue
    before.set(key(to), (before.get(key(to)) ?? new Set()).add(key(from)))
  }
  const ending = [...visits].filter(([, visit]) => visit.status === 'done').map(([id]) => id)
  const alive = new Set(ending)
  for (let next = ending.pop(); next !== undefined; next = ending.pop())
    for (const id of before.get(next) ?? [])
      if (!alive.has(id)) {
        alive.add(id)
        ending.push(id)
      }
  return [...visits.keys()].filter((id) => !alive.has(id))
}
