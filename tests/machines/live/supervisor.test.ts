import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import {
  type SupervisorEvent,
  type SupervisorIntent,
  supervisorMachine,
} from '../../../machines/live/supervisor.machine.ts'

const start = (...events: SupervisorEvent[]) => {
  const intents: SupervisorIntent[] = []
  const actor = createActor(supervisorMachine)
  actor.on('*', (intent) => intents.push(intent))
  actor.start()
  for (const event of events) actor.send(event)
  return { actor, state: () => actor.getSnapshot().value, done: () => intents.splice(0) }
}

const stop = (drain = false, keepAgents = false): SupervisorEvent => ({
  ...{ type: 'STOP_ASKED', reason: 'asked' },
  ...{ drain, keepAgents },
})
const kill: SupervisorEvent = { type: 'KILL_ASKED', reason: 'asked' }
const pause: SupervisorEvent = { type: 'PAUSE_ASKED', reason: 'asked' }
const running: SupervisorEvent[] = [{ type: 'BOOTED' }, { type: 'ADOPTION_DONE' }]

test('survivors come first, then the loop', () => {
  const tree = start({ type: 'BOOTED' })
  expect(tree.state()).toBe('adopting')
  expect(tree.done()).toEqual([{ type: 'ADOPT' }])
  tree.actor.send({ type: 'ADOPTION_DONE' })
  expect(tree.state()).toBe('running')
  expect(tree.done()).toEqual([{ type: 'RECONCILE' }])
})

test('pause and unpause, and a pause asked too early is kept', () => {
  const tree = start(...running, pause)
  expect(tree.state()).toBe('paused')
  tree.actor.send({ type: 'UNPAUSE_ASKED', reason: 'asked' })
  expect(tree.state()).toBe('running')
  expect(start({ type: 'BOOTED' }, pause, { type: 'ADOPTION_DONE' }).state()).toBe('paused')
  expect(start(pause, { type: 'BOOTED' }, { type: 'ADOPTION_DONE' }).state()).toBe('paused')
  const unpaused = start(
    { type: 'BOOTED' },
    pause,
    { type: 'UNPAUSE_ASKED', reason: 'x' },
    { type: 'ADOPTION_DONE' },
  )
  expect(unpaused.state()).toBe('running')
})

const WAYS: [string, SupervisorEvent[]][] = [
  ['adopting', [{ type: 'BOOTED' }]],
  ['running', running],
  ['paused', [...running, pause]],
]

describe.each(WAYS)('while %s', (state, way) => {
  test('a stop is heeded, a second one kills', () => {
    const tree = start(...way)
    expect(tree.state()).toBe(state)
    tree.done()
    tree.actor.send(stop(false, true))
    expect(tree.state()).toBe('stopping')
    expect(tree.actor.getSnapshot().context).toMatchObject({ keepAgents: true, drain: false })
    expect(tree.done()).toEqual([{ type: 'RECONCILE' }, { type: 'END_ALL', force: false }])
    tree.actor.send(stop())
    expect(tree.state()).toBe('killing')
    expect(tree.done()).toEqual([{ type: 'RECONCILE' }, { type: 'END_ALL', force: true }])
    tree.actor.send({ type: 'ALL_DOWN' })
    expect(tree.actor.getSnapshot().status).toBe('done')
    expect(tree.done()).toEqual([{ type: 'RECORD_STOP' }])
  })

  test('a drain waits, and a kill does not', () => {
    const tree = start(...way)
    tree.done()
    tree.actor.send(stop(true))
    expect(tree.state()).toBe('draining')
    expect(tree.done()).toEqual([{ type: 'RECONCILE' }, { type: 'DRAIN' }])
    tree.actor.send(stop(true))
    expect([tree.state(), tree.done()]).toEqual(['draining', []])
    tree.actor.send({ type: 'DRAINED' })
    expect(tree.state()).toBe('stopping')
    expect(start(...way, stop(true), stop()).state()).toBe('killing')
    expect(start(...way, stop(true), kill).state()).toBe('killing')
    expect(start(...way, kill).state()).toBe('killing')
  })
})

test('once a stop is asked nothing leads back', () => {
  const tree = start(...running, stop())
  for (const event of [...running, pause, { type: 'UNPAUSE_ASKED', reason: 'x' } as const])
    tree.actor.send(event)
  expect(tree.state()).toBe('stopping')
})

test('who never took the lock ends without touching anything', () => {
  for (const event of [stop(), stop(true), kill]) {
    const tree = start(event)
    expect(tree.actor.getSnapshot().status).toBe('done')
    expect(tree.done()).toEqual([{ type: 'RECORD_STOP' }])
  }
})
