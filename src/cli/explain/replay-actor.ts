import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { canonicalJson } from '../../contracts/canonical-json.ts'
import type { JsonValue } from '../../contracts/json.ts'
import type { StoredEvent } from '../../contracts/store.ts'
import { type Heard, heardOf, replayStep } from '../look/replay-step.ts'

/** What one guard answered while an event was handled. */
export interface GuardAnswer {
  readonly guard: string
  readonly answer: boolean
}

/** One event of an actor's stream: where it led from and to, and which guards were asked on the way. */
export interface Step {
  readonly seq: number
  readonly event: StoredEvent
  readonly from: JsonValue
  readonly to: JsonValue
  readonly changed: boolean
  readonly guards: readonly GuardAnswer[]
  /** Why the host refused the event. */
  readonly refused: string | null
}

/** How an actor came to where it is. */
export interface ActorStory {
  /** The last event that led into another state. */
  readonly led: Step | null
  /** The last event after it that changed nothing. */
  readonly ignored: Step | null
  /** The last event that was refused since then. */
  readonly refused: Step | null
}

/**
 * Replays an actor's journaled events through its machine, to find the event that led to the present state and what
 * each guard answered. The machine is pure and its events carry their time and chance, so it answers as it did then;
 * where it cannot (the machine has changed since), events are told without guards.
 */
export const replayActor = (machine: AnyStateMachine, events: readonly StoredEvent[]): ActorStory => {
  const replay = createReplay(machine)
  let story: ActorStory = { led: null, ignored: null, refused: null }
  let value: JsonValue = null
  for (const event of events) {
    const heard = heardOf(event)
    if (heard === null) continue
    const { refused } = heard
    const to: JsonValue = refused === null ? (heard.value ?? value) : value
    const guards = refused === null ? replay(heard) : []
    const changed = canonicalJson(to) !== canonicalJson(value)
    const step = { seq: event.seq, event, from: value, to, changed, guards, refused }
    if (changed) story = { led: step, ignored: null, refused: null }
    else if (refused !== null) story = { ...story, refused: step }
    else story = { ...story, ignored: step }
    value = to
  }
  return story
}

/** Answers for each event which guards were asked; nothing any more once the outcome is not the journaled one. */
const createReplay = (machine: AnyStateMachine) => {
  const asked: GuardAnswer[] = []
  const listening = listen(machine, asked)
  let snapshot: AnyMachineSnapshot | null = null
  let isLost = false
  return (heard: Heard): readonly GuardAnswer[] => {
    asked.length = 0
    snapshot = isLost ? null : replayStep(listening, snapshot, heard)
    isLost = snapshot === null
    return isLost ? [] : [...asked]
  }
}

type Guard = (at: never, params: never) => boolean

/** The same machine, with every guard's answer written down. */
const listen = (machine: AnyStateMachine, asked: GuardAnswer[]): AnyStateMachine => {
  const guards = Object.entries(machine.implementations.guards as Record<string, Guard>).map(
    ([guard, ask]) => [
      guard,
      (at: never, params: never): boolean => {
        const answer = ask(at, params)
        asked.push({ guard: params === undefined ? guard : `${guard} ${JSON.stringify(params)}`, answer })
        return answer
      },
    ],
  )
  return machine.provide({ guards: Object.fromEntries(guards) })
}
