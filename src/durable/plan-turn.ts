import { type AnyMachineSnapshot, initialTransition, transition } from 'xstate'
import { z } from 'zod'
import { canonicalJson } from '../contracts/canonical-json.ts'
import type { Instant } from '../contracts/instant.ts'
import type { JsonValue } from '../contracts/json.ts'
import { invokeIds } from './check-profile.ts'
import type { MachineDefinition } from './define-machine.ts'
import type { EffectDefinition } from './effect.ts'
import { plainJson } from './plain-json.ts'
import { type ActionRows, type InFlight, type PlannedAction, planActions } from './plan-actions.ts'

type TurnEvent = { readonly type: string } & Readonly<Record<string, JsonValue>>

/** An actor as a turn finds it. */
export interface TurnState extends InFlight {
  readonly snapshot: AnyMachineSnapshot
  readonly status: 'active' | 'done' | 'refused'
  readonly seq: number
}

/** What one event comes to: a new state with its rows, or the reason why it was refused. */
export type TurnPlan =
  | {
      readonly ok: true
      readonly snapshot: AnyMachineSnapshot
      readonly persisted: JsonValue
      readonly status: 'active' | 'done' | 'refused'
      readonly rows: ActionRows
    }
  | { readonly ok: false; readonly reason: string }

/**
 * Plans one turn; pure, so that nothing has happened yet whatever it answers. A transition that throws, ends in
 * `error`, leaves a context outside its schema or asks for something we cannot carry out is refused.
 */
export const planTurn = (
  definition: MachineDefinition,
  actor: string,
  before: TurnState,
  event: TurnEvent,
  now: Instant,
  effects: ReadonlyMap<string, EffectDefinition>,
): TurnPlan =>
  refusing(() => {
    const [snapshot, actions] = transition(definition.machine, before.snapshot, event)
    return finish(definition, actor, before, snapshot, actions, now, effects)
  })

/** Plans an actor's first turn. @param input the machine's input, `nowMs` included. */
export const planStart = (
  definition: MachineDefinition,
  actor: string,
  input: JsonValue,
  now: Instant,
  effects: ReadonlyMap<string, EffectDefinition>,
): TurnPlan =>
  refusing(() => {
    const [snapshot, actions] = initialTransition(definition.machine, input)
    const nothing = { effects: [], timers: [], entries: 0, seq: 0, status: 'active' as const, snapshot: null }
    return finish(definition, actor, nothing, snapshot, actions, now, effects)
  })

const refusing = (plan: () => TurnPlan): TurnPlan => {
  try {
    return plan()
  } catch (error) {
    return refused(error)
  }
}

const refused = (error: unknown): TurnPlan => ({
  ok: false,
  reason:
    (error instanceof Error ? error.message : String(error)).slice(0, 2000) || 'refused without a reason',
})

const finish = (
  definition: MachineDefinition,
  actor: string,
  before: Omit<TurnState, 'snapshot'> & { readonly snapshot: AnyMachineSnapshot | null },
  snapshot: AnyMachineSnapshot,
  actions: readonly PlannedAction[],
  now: Instant,
  effects: ReadonlyMap<string, EffectDefinition>,
): TurnPlan => {
  if (snapshot.status === 'error') return refused(snapshot.error)
  const context = definition.contextSchema.safeParse(snapshot.context)
  if (!context.success) return refused(`context: ${z.prettifyError(context.error)}`)
  const stranger = Object.keys(snapshot.children).find((id) => !invokeIds(definition.machine).has(id))
  if (stranger !== undefined)
    return refused(`child ${stranger} was spawned; the durable profile has only invoke`)
  const rows = planActions(actor, actions, before, before.seq + 1, now, effects)
  const isDone = snapshot.status === 'done'
  return {
    ok: true,
    snapshot,
    persisted: plainJson(definition.machine.getPersistedSnapshot(snapshot)),
    status: isDone ? 'done' : statusAfter(before, snapshot),
    rows: isDone ? endAll(rows, before) : rows,
  }
}

/** A refusal stays visible until the machine has moved on from the state in which it happened. */
const statusAfter = (
  before: { status: TurnState['status']; snapshot: AnyMachineSnapshot | null },
  after: AnyMachineSnapshot,
): 'active' | 'refused' => {
  const isStuck =
    before.status === 'refused' &&
    before.snapshot !== null &&
    canonicalJson(before.snapshot.value) === canonicalJson(after.value)
  return isStuck ? 'refused' : 'active'
}

/** Nothing of a finished machine may fire or answer any more; its custom actions are still carried out. */
const endAll = (rows: ActionRows, before: InFlight): ActionRows => ({
  ...rows,
  newEffects: rows.newEffects.filter((effect) => effect.invokeId === null),
  cancelEffects: before.effects.filter((effect) => effect.invokeId !== null).map((effect) => effect.id),
  newTimers: [],
  cancelTimers: before.timers.map((timer) => timer.id),
})
