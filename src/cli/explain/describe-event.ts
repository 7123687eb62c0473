import type { JsonValue } from '../../contracts/json.ts'
import type { StoredEvent } from '../../contracts/store.ts'

const AFTER = /^xstate\.after\.([^.]+)\.(.+)$/
const ACTOR = /^xstate\.(done|error)\.actor\.(.+)$/

/** An event in words: `effect runChecks finished`, `timer retryDelay`, `CANCEL by ada`. */
export const describeEvent = ({ type, data }: Pick<StoredEvent, 'type' | 'data'>): string => {
  if (type === 'xstate.init') return 'it was started'
  const actor = ACTOR.exec(type)
  if (actor !== null) {
    const [, end, effect] = actor
    return end === 'done' ? `effect ${effect} finished` : `effect ${effect} failed${reasonOf(data)}`
  }
  const timer = timerOf(type)
  if (timer !== null) return `timer ${timer} came due`
  const by = fieldOf(fieldOf(data, 'event'), 'by')
  return typeof by === 'string' ? `${type} by ${by}` : type
}

/** The delay's name in a timer's event type; null for other events. */
export const timerOf = (type: string): string | null => AFTER.exec(type)?.[1] ?? null

const reasonOf = (data: JsonValue): string => {
  const error = fieldOf(fieldOf(data, 'event'), 'error')
  const reason = fieldOf(error, 'reason')
  return typeof reason === 'string' ? ` (${String(fieldOf(error, 'class'))}: ${reason})` : ''
}

const fieldOf = (value: JsonValue | undefined, field: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value[field] : undefined
