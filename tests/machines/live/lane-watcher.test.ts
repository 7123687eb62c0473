import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { getAdjacencyMap, getShortestPaths } from 'xstate/graph'
import {
  doingOf,
  type LaneWatcherEvent,
  type LaneWatcherSnapshot,
  laneWatcherMachine,
  mayClaim,
} from '../../../machines/live/lane-watcher.machine.ts'
import { Heartbeat } from '../../../src/contracts/liveness.ts'

/** The snapshot after these events. */
const following = (...events: (LaneWatcherEvent | LaneWatcherEvent['type'])[]): LaneWatcherSnapshot => {
  const actor = createActor(laneWatcherMachine, { input: { lane: 'goal' } }).start()
  for (const event of events)
    actor.send((typeof event === 'string' ? { type: event } : event) as LaneWatcherEvent)
  return actor.getSnapshot()
}

const empty: LaneWatcherEvent = { type: 'RECOVERED', holding: false }
const full: LaneWatcherEvent = { type: 'RECOVERED', holding: true }
const refused: LaneWatcherEvent = { type: 'ADMISSION_REFUSED', reason: 'window closed', untilMs: 5 }

const EVENTS: LaneWatcherEvent[] = [
  { type: 'STARTED' },
  empty,
  full,
  { type: 'POLL' },
  { type: 'WORK_FOUND' },
  { type: 'NO_WORK' },
  refused,
  { type: 'HELD_EMPTY' },
  { type: 'PAUSE' },
  { type: 'UNPAUSE' },
  { type: 'DRAIN' },
  { type: 'STOP' },
  { type: 'SUPERVISOR_LOST' },
  { type: 'SUPERVISOR_BACK' },
  { type: 'ORPHAN_TIMEOUT' },
]

describe('where the lane stands', () => {
  test.each<[(LaneWatcherEvent | LaneWatcherEvent['type'])[], string, boolean, Heartbeat['doing']]>([
    [[], 'starting', false, 'working'],
    [['STARTED'], 'recovering', false, 'working'],
    [['STARTED', empty], 'polling', true, 'idle'],
    [['STARTED', full], 'working', true, 'working'],
    [['STARTED', empty, 'NO_WORK'], 'idle', true, 'idle'],
    [['STARTED', empty, 'NO_WORK', 'POLL'], 'polling', true, 'idle'],
    [['STARTED', empty, 'WORK_FOUND'], 'working', true, 'working'],
    [['STARTED', empty, 'WORK_FOUND', 'HELD_EMPTY'], 'polling', true, 'idle'],
    [['STARTED', empty, refused], 'held', false, 'waiting'],
    [['STARTED', empty, refused, 'POLL'], 'polling', true, 'idle'],
    [['STARTED', empty, 'PAUSE'], 'paused', false, 'paused'],
    [['STARTED', full, 'PAUSE'], 'paused', false, 'working'],
    [['STARTED', full, 'PAUSE', 'UNPAUSE'], 'working', true, 'working'],
    [['STARTED', empty, 'SUPERVISOR_LOST'], 'orphaned', false, 'waiting'],
    [['STARTED', full, 'SUPERVISOR_LOST'], 'orphaned', false, 'working'],
    [['STARTED', full, 'SUPERVISOR_LOST', 'SUPERVISOR_BACK'], 'working', true, 'working'],
    [['STARTED', empty, 'SUPERVISOR_LOST', 'ORPHAN_TIMEOUT'], 'stopped', false, 'draining'],
    [['STARTED', full, 'SUPERVISOR_LOST', 'ORPHAN_TIMEOUT'], 'draining', false, 'draining'],
    [['STARTED', full, 'DRAIN'], 'draining', false, 'draining'],
    [['STARTED', full, 'DRAIN', 'HELD_EMPTY'], 'stopped', false, 'draining'],
    [['STARTED', empty, 'STOP'], 'stopped', false, 'draining'],
    // Said too early: obeyed as soon as it is known what the lane holds.
    [['PAUSE', 'STARTED', empty], 'paused', false, 'paused'],
    [['STARTED', 'DRAIN', full], 'draining', false, 'draining'],
    [['STARTED', 'DRAIN', empty], 'stopped', false, 'draining'],
    [['SUPERVISOR_LOST', 'STARTED', empty], 'orphaned', false, 'waiting'],
    // Several reasons at once: the strongest one shows, and the weaker one is not forgotten.
    [['STARTED', empty, 'PAUSE', 'SUPERVISOR_LOST'], 'orphaned', false, 'waiting'],
    [['STARTED', empty, 'PAUSE', 'SUPERVISOR_LOST', 'SUPERVISOR_BACK'], 'paused', false, 'paused'],
    [['STARTED', full, 'DRAIN', 'SUPERVISOR_LOST', 'UNPAUSE'], 'draining', false, 'draining'],
  ])('%j → %s', (events, state, claims, doing) => {
    const snapshot = following(...events)
    const value = snapshot.value as string | { serving: string }
    expect(typeof value === 'string' ? value : value.serving).toBe(state)
    expect(mayClaim(snapshot)).toBe(claims)
    expect(doingOf(snapshot)).toBe(doing)
  })

  test('a stop is not softened to a drain afterwards', () =>
    expect(following('STARTED', full, 'STOP', 'DRAIN').context.ending).toBe('stop'))

  test('a refusal is remembered with its reason until the next look', () => {
    expect(following('STARTED', empty, refused).context.refusal).toEqual({
      reason: 'window closed',
      untilMs: 5,
    })
    expect(following('STARTED', empty, refused, 'POLL').context.refusal).toBeNull()
  })
})

const options = {
  input: { lane: 'goal' as const },
  events: EVENTS,
  serializeState: (snapshot: LaneWatcherSnapshot) =>
    JSON.stringify([snapshot.value, { ...snapshot.context, refusal: null }]),
}

describe('over every reachable state', () => {
  const reachable = Object.values(getAdjacencyMap(laneWatcherMachine, options)).map(({ state }) => state)

  test('nothing is claimed while something forbids it', () => {
    expect(reachable.length).toBeGreaterThan(40)
    for (const snapshot of reachable.filter(mayClaim)) {
      const { paused, supervisorLost, ending } = snapshot.context
      expect({ paused, supervisorLost, ending }).toEqual({
        paused: false,
        supervisorLost: false,
        ending: 'no',
      })
    }
  })

  test('the heartbeat can say it', () => {
    for (const snapshot of reachable)
      expect(Heartbeat.shape.doing.safeParse(doingOf(snapshot)).success).toBe(true)
  })

  test('there is a way out of every state', () => {
    for (const fromState of reachable.filter(({ status }) => status === 'active')) {
      const paths = getShortestPaths(laneWatcherMachine, {
        ...options,
        fromState,
        toState: (snapshot) => snapshot.matches('stopped'),
      })
      expect(paths.length, JSON.stringify(fromState.value)).toBeGreaterThan(0)
    }
  })

  test('every state says what it is', () => {
    type Node = typeof laneWatcherMachine.root
    const below = (node: Node): Node[] =>
      Object.values(node.states).flatMap((child) => [child as Node, ...below(child as Node)])
    const nodes = below(laneWatcherMachine.root)
    expect(nodes.length).toBe(12)
    expect(nodes.filter((node) => !node.description).map((node) => node.id)).toEqual([])
  })
})
