import { z } from 'zod'
import type { Instant } from '../contracts/instant.ts'
import { JsonValue } from '../contracts/json.ts'
import type { EffectRow, InboxRow, TimerRow } from '../contracts/store.ts'
import { plusMs } from '../platform/instant-math.ts'
import type { EffectDefinition } from './effect.ts'
import { plainJson } from './plain-json.ts'
import { START_EVENT } from './start-event.ts'

/** An action as XState's pure `transition` returns it. */
export interface PlannedAction {
  readonly type: string
  readonly params: unknown
}

/** What the actor has in flight before the turn. */
export interface InFlight {
  readonly effects: readonly EffectRow[]
  readonly timers: readonly TimerRow[]
  readonly entries: number
}

/** The rows that one turn's actions come to. */
export interface ActionRows {
  readonly entries: number
  readonly newEffects: readonly EffectRow[]
  readonly cancelEffects: readonly string[]
  readonly newTimers: readonly TimerRow[]
  readonly cancelTimers: readonly string[]
  readonly sends: readonly InboxRow[]
}

/** Custom actions that the commit itself carries out. */
export const RESERVED_ACTIONS = ['send', 'startActor'] as const

const SendParams = z.strictObject({
  to: z.string().min(1),
  queue: z.string().min(1),
  event: z.object({ type: z.string().min(1) }).catchall(JsonValue),
})

const StartActorParams = z.strictObject({
  id: z.string().regex(/^[^/]+$/, 'must not hold a slash'),
  queue: z.string().min(1),
  machine: z.string().min(1),
  input: JsonValue,
})

/**
 * Turns a transition's actions into rows. Ids hold the state entry (invokes and timers) or the actor's version
 * (custom actions), because XState uses its own ids again whenever a state is re-entered.
 * @param version the actor's seq after this turn.
 * @throws Error when an action cannot be carried out; the turn is refused then.
 */
export const planActions = (
  actor: string,
  actions: readonly PlannedAction[],
  before: InFlight,
  version: number,
  now: Instant,
  effects: ReadonlyMap<string, EffectDefinition>,
): ActionRows => {
  let entries = before.entries
  let newEffects: EffectRow[] = []
  let newTimers: TimerRow[] = []
  const cancelEffects: string[] = []
  const cancelTimers: string[] = []
  const sends: InboxRow[] = []

  for (const [index, action] of actions.entries()) {
    const ownId = `${actor}/${version}/${index}`
    switch (action.type) {
      case 'xstate.spawnChild': {
        const { id, src, input } = action.params as { id: string; src: string; input: unknown }
        entries += 1
        newEffects.push(effectRow(effects, actor, `${actor}/${entries}/${id}`, src, id, input))
        break
      }
      case 'xstate.stopChild': {
        const invokeId = (action.params as { id: string } | undefined)?.id
        cancelEffects.push(...before.effects.filter((row) => row.invokeId === invokeId).map((row) => row.id))
        newEffects = newEffects.filter((row) => row.invokeId !== invokeId)
        break
      }
      case 'xstate.raise': {
        const raised = action.params as { event: TimerRow['event']; id?: string; delay: number }
        if (!(Number.isFinite(raised.delay) && raised.delay >= 0))
          throw new Error(`delay of ${raised.event.type} is ${raised.delay}, not a number of milliseconds`)
        entries += 1
        newTimers.push({
          id: `${actor}/${entries}/${raised.id ?? raised.event.type}`,
          actor,
          event: plainJson(raised.event) as TimerRow['event'],
          due: plusMs(now, raised.delay),
        })
        break
      }
      case 'xstate.cancel': {
        const { sendId } = action.params as { sendId: string }
        cancelTimers.push(...before.timers.filter((row) => sendIdOf(row) === sendId).map((row) => row.id))
        newTimers = newTimers.filter((row) => sendIdOf(row) !== sendId)
        break
      }
      case 'send': {
        const { to, queue, event } = checked(SendParams, action)
        sends.push({ id: ownId, actor: to, queue, event, start: null })
        break
      }
      case 'startActor': {
        const { id, queue, machine, input } = checked(StartActorParams, action)
        sends.push({ id: ownId, actor: id, queue, event: { type: START_EVENT }, start: { machine, input } })
        break
      }
      default:
        if (action.type.startsWith('xstate.'))
          throw new Error(`action ${action.type} is not part of the durable profile`)
        newEffects.push(effectRow(effects, actor, ownId, action.type, null, action.params))
    }
  }
  return { entries, newEffects, cancelEffects, newTimers, cancelTimers, sends }
}

/** XState's id of a delayed event: ours without the actor and the entry. */
const sendIdOf = (timer: TimerRow): string => {
  const [, ...sendId] = timer.id.slice(timer.actor.length + 1).split('/')
  return sendId.join('/')
}

const effectRow = (
  effects: ReadonlyMap<string, EffectDefinition>,
  actor: string,
  id: string,
  name: string,
  invokeId: string | null,
  given: unknown,
): EffectRow => {
  const definition = effects.get(name)
  if (definition === undefined) throw new Error(`effect ${name} is not registered`)
  const input = plainJson(given)
  const parsed = definition.input.safeParse(input)
  if (!parsed.success) throw new Error(`input of effect ${name}: ${z.prettifyError(parsed.error)}`)
  return { id, actor, name, invokeId, input }
}

const checked = <T>(schema: z.ZodType<T>, action: PlannedAction): T => {
  const parsed = schema.safeParse(plainJson(action.params))
  if (!parsed.success) throw new Error(`params of action ${action.type}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}
