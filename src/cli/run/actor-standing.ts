import type { ActorRow } from '../../contracts/store.ts'

/** Whether an actor goes on by itself, waits for a time (a quota, a window), another actor or a person, or was refused a transition (`stuck`). */
export type Standing = 'moving' | 'waits_time' | 'waits_actor' | 'waits_person' | 'stuck' | 'ended'

/** States in which an actor does nothing by itself; every other state of an active actor is movement. */
const RESTING: Readonly<Record<string, Readonly<Record<string, Standing>>>> = {
  task: {
    // The gate or review that it waits for is an actor of its own and counts there.
    awaitingStart: 'waits_actor',
    inReview: 'waits_actor',
    verifying: 'waits_actor',
    setAside: 'waits_actor',
    blocked: 'waits_actor',
    deferred: 'waits_time',
    // Its card is Ready, and counts there.
    queued: 'waits_actor',
  },
  review: { awaitingGate: 'waits_actor', revising: 'waits_actor', stopped: 'waits_actor' },
  gate: { 'undecided.open': 'waits_person' },
}

/** How an actor stands, from its stored snapshot; a Blocked task that asks a question waits for a person. */
export const standingOf = (actor: ActorRow): Standing => {
  if (actor.status === 'done') return 'ended'
  if (actor.status === 'refused') return 'stuck'
  const state = stateOf(actor)
  if (actor.machine === 'task' && state === 'blocked' && asksQuestion(actor)) return 'waits_person'
  return RESTING[actor.machine]?.[state] ?? 'moving'
}

/** The state of an actor as a dotted path: `undecided.open`. */
export const stateOf = (actor: ActorRow): string => pathOf((actor.snapshot as { value?: unknown }).value)

/** The context of an actor as its machine's schema describes it; the host has validated it. */
export const contextOf = <T>(actor: ActorRow): T => (actor.snapshot as { context: T }).context

const pathOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value)
    .map(([name, inner]) => `${name}.${pathOf(inner)}`)
    .join('+')
}

const asksQuestion = (actor: ActorRow): boolean =>
  contextOf<{ blocked: { class: string } | null }>(actor).blocked?.class === 'awaiting_input'
