import type { JsonValue } from '../contracts/json.ts'
import type { ActorRow, CommitInput, InboxRow, TimerRow } from '../contracts/store.ts'
import type { MachineDefinition } from './define-machine.ts'
import type { FinishedEffect } from './effect-runner.ts'
import type { LoadedActor } from './load-actor.ts'
import { plainJson } from './plain-json.ts'
import { planStart, planTurn, type TurnPlan } from './plan-turn.ts'
import type { Registry } from './registry.ts'
import { type Stamp, stamped } from './stamp.ts'
import { START_EVENT } from './start-event.ts'

type EventJson = { readonly type: string } & Readonly<Record<string, JsonValue>>

/** What a turn will write, and the actor as it will be once that is committed. */
export interface PreparedTurn {
  readonly commit: Omit<CommitInput, 'token' | 'owner'>
  readonly after: LoadedActor
  /** Why the event was refused; null where it was taken. */
  readonly refused: string | null
}

interface Cause {
  readonly event: EventJson
  readonly source: { readonly kind: 'inbox' | 'timer' | 'effect'; readonly id: string }
}

type Consumed = Pick<CommitInput, 'consumeInbox' | 'consumeTimers' | 'settleEffect'>

const NOTHING_CONSUMED: Consumed = { consumeInbox: [], consumeTimers: [], settleEffect: null }

/** An inbox event, taken or refused. */
export const inboxTurn = (
  actor: LoadedActor,
  row: InboxRow,
  stamp: Stamp,
  registry: Registry,
): PreparedTurn => {
  const cause: Cause = { event: stamped(row.event, stamp), source: { kind: 'inbox', id: row.id } }
  return prepare(actor, cause, { ...NOTHING_CONSUMED, consumeInbox: [row.id] }, stamp, registry)
}

/** A timer that came due. */
export const timerTurn = (
  actor: LoadedActor,
  timer: TimerRow,
  stamp: Stamp,
  registry: Registry,
): PreparedTurn => {
  const cause: Cause = { event: stamped(timer.event, stamp), source: { kind: 'timer', id: timer.id } }
  return prepare(actor, cause, { ...NOTHING_CONSUMED, consumeTimers: [timer.id] }, stamp, registry)
}

/** An invoked effect's result; fenced by our effect id before this is called. */
export const resultTurn = (
  actor: LoadedActor,
  { effect, outcome }: FinishedEffect,
  stamp: Stamp,
  registry: Registry,
): PreparedTurn => {
  const settleEffect = { id: effect.id, outcome: plainJson(outcome) }
  const source = { kind: 'effect', id: effect.id } as const
  const consumed = { ...NOTHING_CONSUMED, settleEffect }
  if (effect.invokeId === null) return settleOnly(actor, source.id, plainJson(outcome), consumed)
  const result: EventJson = outcome.ok
    ? { type: `xstate.done.actor.${effect.invokeId}`, output: outcome.output, actorId: effect.invokeId }
    : { type: `xstate.error.actor.${effect.invokeId}`, error: outcome.failure, actorId: effect.invokeId }
  return prepare(actor, { event: stamped(result, stamp), source }, consumed, stamp, registry)
}

/** An actor's first turn; a string says why it cannot start. */
export const startTurn = (
  definition: MachineDefinition,
  row: InboxRow,
  input: JsonValue,
  stamp: Stamp,
  registry: Registry,
): PreparedTurn | string => {
  const given = stamped(input as Record<string, JsonValue>, stamp)
  const plan = planStart(definition, row.actor, given, stamp.now, registry.effects)
  if (!plan.ok) return plan.reason
  const before = { id: row.actor, queue: row.queue, definition, seq: 0, effects: [], timers: [] }
  const isWholeEvent = row.event.type === START_EVENT
  return write(before, START_EVENT, plan, {
    data: { input: given, source: { kind: 'inbox', id: row.id }, value: plainJson(plan.snapshot.value) },
    // A row that also carries an event stays, and is delivered by the next turn.
    consumed: { ...NOTHING_CONSUMED, consumeInbox: isWholeEvent ? [row.id] : [] },
  })
}

const prepare = (
  actor: LoadedActor,
  { event, source }: Cause,
  consumed: Consumed,
  stamp: Stamp,
  registry: Registry,
): PreparedTurn => {
  const plan = planTurn(actor.definition, actor.id, actor, event, stamp.now, registry.effects)
  if (plan.ok) {
    const data = { event, source, value: plainJson(plan.snapshot.value) }
    return write(actor, event.type, plan, { data, consumed })
  }
  const data = { event, source, refused: plan.reason }
  return unchanged(actor, event.type, 'refused', data, consumed, plan.reason)
}

/** A custom action has no result event: its end is journaled, and the machine hears nothing. */
const settleOnly = (
  actor: LoadedActor,
  effect: string,
  outcome: JsonValue,
  consumed: Consumed,
): PreparedTurn => unchanged(actor, 'effect.settled', actor.status, { effect, outcome }, consumed, null)

const write = (
  before: Pick<LoadedActor, 'id' | 'queue' | 'definition' | 'seq' | 'effects' | 'timers'>,
  eventType: string,
  plan: TurnPlan & { ok: true },
  { data, consumed }: { data: JsonValue; consumed: Consumed },
): PreparedTurn => {
  const { rows, snapshot, status } = plan
  const gone = new Set([
    ...rows.cancelEffects,
    ...rows.cancelTimers,
    ...consumed.consumeTimers,
    ...(consumed.settleEffect === null ? [] : [consumed.settleEffect.id]),
  ])
  return {
    commit: {
      ...headerOf(before),
      ...rows,
      ...consumed,
      event: { type: eventType, data },
      snapshot: plan.persisted,
      status,
    },
    after: {
      ...before,
      snapshot,
      status,
      seq: before.seq + 1,
      entries: rows.entries,
      effects: [...before.effects.filter((row) => !gone.has(row.id)), ...rows.newEffects],
      timers: [...before.timers.filter((row) => !gone.has(row.id)), ...rows.newTimers],
    },
    refused: null,
  }
}

const unchanged = (
  actor: LoadedActor,
  eventType: string,
  status: ActorRow['status'],
  data: JsonValue,
  consumed: Consumed,
  refused: string | null,
): PreparedTurn => {
  const rows = {
    entries: actor.entries,
    newEffects: [],
    cancelEffects: [],
    newTimers: [],
    cancelTimers: [],
    sends: [],
  }
  const persisted = plainJson(actor.definition.machine.getPersistedSnapshot(actor.snapshot))
  const same = { ok: true as const, snapshot: actor.snapshot, persisted, status, rows }
  return { ...write(actor, eventType, same, { data, consumed }), refused }
}

const headerOf = (actor: Pick<LoadedActor, 'id' | 'queue' | 'definition' | 'seq'>) => ({
  actor: actor.id,
  queue: actor.queue,
  machine: actor.definition.name,
  machineVersion: actor.definition.version,
  expectedSeq: actor.seq,
})
