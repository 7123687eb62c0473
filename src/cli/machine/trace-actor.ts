import type { JsonValue } from '../../contracts/json.ts'
import type { StoredEvent } from '../../contracts/store.ts'
import type { Traces } from './draw-machine.ts'

/**
 * Where an actor is and how often it entered each state, read off the state that every journaled event led to. A state
 * left and entered again by one event counts as one stay: the journal holds the state after each event.
 */
export const traceActor = (value: JsonValue, events: readonly StoredEvent[]): Traces => {
  const entered = new Map<string, number>()
  let before: ReadonlySet<string> = new Set()
  for (const { data } of events) {
    const after = stateAfter(data)
    if (after === null) continue
    const now = statePaths(after)
    for (const path of now) if (!before.has(path)) entered.set(path, (entered.get(path) ?? 0) + 1)
    before = now
  }
  return { active: statePaths(value), entered }
}

/** `{a: {b: 'c'}}` → `a`, `a.b`, `a.b.c`; every region of a parallel state is there. */
export const statePaths = (value: JsonValue): Set<string> => {
  if (typeof value === 'string') return new Set([value])
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Set()
  return new Set(
    Object.entries(value).flatMap(([name, inner]) => [
      name,
      ...[...statePaths(inner as JsonValue)].map((path) => `${name}.${path}`),
    ]),
  )
}

/** The state an event led to; null for what the machine never heard or refused. */
const stateAfter = (data: JsonValue): JsonValue =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? (data.value ?? null) : null
