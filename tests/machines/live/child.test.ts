import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { getShortestPaths } from 'xstate/graph'
import { childMachine, childStateOf } from '../../../machines/live/child.machine.ts'
import type { ChildEvent, ChildIntent, ExitVerdict } from '../../../machines/live/child-events.ts'
import { CHILD_STATES, type ChildState } from '../../../src/contracts/status.ts'

const start = () => {
  const intents: ChildIntent[] = []
  const actor = createActor(childMachine, { input: { child: 'a' } })
  actor.on('*', (intent) => intents.push(intent))
  actor.start()
  return {
    actor,
    intents,
    send: (...events: ChildEvent[]) => {
      for (const event of events) actor.send(event)
    },
    state: () => childStateOf(actor.getSnapshot()),
    context: () => actor.getSnapshot().context,
    /** Intents other than reports, since the last call. */
    done: () => intents.splice(0).filter(({ type }) => type !== 'REPORT'),
  }
}

const up: ChildEvent = { type: 'WANTED', wanted: 'up' }
const down: ChildEvent = { type: 'WANTED', wanted: 'down' }
const spawned: ChildEvent = { type: 'SPAWNED', incarnation: 'inc-1', ready: false }
const ready: ChildEvent = { type: 'READY', reason: 'ready by nonce' }
const suspected: ChildEvent = { type: 'SUSPECTED', reason: 'silent' }
const hung: ChildEvent = { type: 'PROVED_HUNG', reason: 'silent' }
const ended = (next: ExitVerdict['next'], dueMonoMs: number | null = null): ChildEvent => ({
  type: 'EXITED',
  next,
  dueMonoMs,
  reason: `→ ${next}`,
})
const end = (asked: 'stop' | 'restart' | 'sibling' | 'hung' | 'not_ready', force = false): ChildEvent => ({
  type: 'END_ASKED',
  asked,
  force,
  reason: asked,
})

/** How to get into each state from the start. */
const WAYS: Record<ChildState, ChildEvent[]> = {
  absent: [up],
  starting: [up, { type: 'CLEARED' }],
  running: [up, { type: 'CLEARED' }, spawned],
  ready: [up, { type: 'CLEARED' }, spawned, ready],
  suspect: [up, { type: 'CLEARED' }, spawned, ready, suspected],
  stopping: [up, { type: 'CLEARED' }, spawned, ready, end('restart')],
  backingOff: [up, { type: 'CLEARED' }, spawned, ended('backingOff', 500)],
  quarantined: [up, { type: 'CLEARED' }, spawned, ended('quarantined', 900)],
  finished: [up, { type: 'CLEARED' }, spawned, ended('finished')],
}

describe.each(CHILD_STATES)('a stop of a child that is %s', (state) => {
  test('is neither lost nor carried out twice', () => {
    const child = start()
    child.send(...WAYS[state])
    expect(child.state()).toBe(state)
    child.done()
    child.send(down, end('stop'))
    if (state === 'starting') {
      // The process may exist already: it is ended as soon as it is known.
      expect(child.done()).toEqual([])
      child.send(spawned)
    }
    const livesNow = ['starting', 'running', 'ready', 'suspect', 'stopping'].includes(state)
    if (!livesNow) {
      expect(child.done()).toEqual([])
    } else {
      // One that is ending already is not signalled again.
      const ends = state === 'stopping' ? [] : [{ type: 'END', child: 'a', force: false }]
      expect(child.done()).toEqual(ends)
      expect(child.state()).toBe('stopping')
      expect(child.context().asked).toBe('stop')
      child.send(ended('absent'))
    }
    expect(child.state()).toBe('absent')
    child.send({ type: 'CLEARED' })
    expect(child.state()).toBe('absent')
    expect(child.done()).toEqual([])
  })

  test('by force ends at once what is being ended gently', () => {
    const child = start()
    child.send(...WAYS[state], end('stop'))
    if (state === 'starting') child.send(spawned)
    child.done()
    child.send(end('stop', true))
    const force = child.state() === 'stopping' ? [{ type: 'END', child: 'a', force: true }] : []
    expect(child.done()).toEqual(force)
  })
})

test('a process is only ever started while none is known to live', () => {
  const states = ['running', 'ready', 'suspect', 'stopping', 'starting'] as const
  for (const state of states) {
    const child = start()
    child.send(...WAYS[state])
    child.done()
    child.send({ type: 'CLEARED' }, { type: 'RELEASED', reason: 'a person' }, up)
    expect(child.done()).toEqual([])
    expect(child.state()).toBe(state)
  }
})

test('nothing starts that is not wanted up', () => {
  for (const wanted of ['down', 'paused'] as const) {
    for (const state of ['absent', 'backingOff', 'quarantined'] as const) {
      const child = start()
      child.send(...WAYS[state], { type: 'WANTED', wanted }, { type: 'CLEARED' })
      expect(child.state()).toBe(state)
    }
    const child = start()
    child.send(...WAYS.ready, { type: 'WANTED', wanted }, ended('starting', 7))
    expect(child.state()).toBe('backingOff')
    expect(child.context().dueMonoMs).toBe(7)
  }
})

test('every decision is reported before it is carried out', () => {
  const child = start()
  child.send(...WAYS.suspect, hung, end('hung'), ended('starting'))
  const said = child.intents.map((intent) => (intent.type === 'REPORT' ? intent.context : intent.type))
  expect(said).toEqual([
    ...['child_started', 'SPAWN'],
    'child_ready',
    'child_suspect',
    ...['child_hung', 'DIAGNOSE'],
    ...['child_stopping', 'END'],
    ...['child_terminated', 'child_started', 'SPAWN'],
  ])
})

test('a child is diagnosed once, and not at all once it has proved itself', () => {
  const child = start()
  child.send(...WAYS.suspect, hung, hung)
  expect(child.done().filter(({ type }) => type === 'DIAGNOSE')).toHaveLength(1)
  child.send({ type: 'PROVED_ALIVE' })
  expect(child.state()).toBe('ready')
  expect(child.context().reason).toBe('')
  child.send(hung)
  expect(child.done()).toEqual([])
})

test('a start that fails is followed by a new start, not by silence', () => {
  const child = start()
  child.send(...WAYS.starting, ended('starting'))
  expect(child.done()).toEqual([
    { type: 'SPAWN', child: 'a' },
    { type: 'SPAWN', child: 'a' },
  ])
  expect(child.context().restarts).toBe(1)
})

test('what survives SIGKILL is ended by force again', () => {
  const child = start()
  child.send(...WAYS.stopping)
  child.done()
  child.send({ type: 'STILL_ALIVE', reason: 'it survived' })
  expect(child.done()).toEqual([{ type: 'END', child: 'a', force: true }])
})

test('an adopted child is ready, or still has to become so', () => {
  for (const isReady of [true, false]) {
    const child = start()
    child.send({ type: 'ADOPTED', incarnation: 'inc-9', ready: isReady })
    expect(child.state()).toBe(isReady ? 'ready' : 'running')
    expect(child.context().incarnation).toBe('inc-9')
    expect(child.done()).toEqual([])
  }
})

test('probation begins with a try from quarantine and ends with health or a person', () => {
  const child = start()
  child.send(...WAYS.quarantined, { type: 'CLEARED' })
  expect(child.context()).toMatchObject({ onProbation: true, restarts: 1 })
  child.send(spawned, ready, { type: 'PROVED_HEALTHY' })
  expect(child.context().onProbation).toBe(false)

  const released = start()
  released.send(...WAYS.quarantined, { type: 'CLEARED' }, spawned, ended('quarantined', 5))
  released.send({ type: 'RELEASED', reason: 'a person' })
  expect(released.state()).toBe('backingOff')
  expect(released.context()).toMatchObject({ onProbation: false, dueMonoMs: null })
  released.send({ type: 'CLEARED' })
  expect(released.state()).toBe('starting')
})

test('every state of the contract can be reached, and none is a dead end for a person', () => {
  const events: ChildEvent[] = [
    up,
    ...[{ type: 'CLEARED' } as const, spawned, ready, suspected, hung, end('stop')],
    ...(['absent', 'finished', 'starting', 'backingOff', 'quarantined'] as const).map((next) => ended(next)),
  ]
  const paths = getShortestPaths(childMachine, {
    input: { child: 'a' },
    events,
    // Counters would make the walk endless.
    serializeState: ({ value, context }) => JSON.stringify([value, context.wanted, context.asked]),
  })
  const reached = new Set(paths.map(({ state }) => childStateOf(state)))
  expect([...reached].sort()).toEqual([...CHILD_STATES].sort())
  for (const state of ['backingOff', 'quarantined', 'finished'] as const) {
    const child = start()
    child.send(...WAYS[state], { type: 'RELEASED', reason: 'a person' }, { type: 'CLEARED' })
    expect(child.state()).toBe('starting')
  }
})
