import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import {
  type RecoveryEvent,
  type RecoveryIntent,
  recoveryMachine,
} from '../../../machines/live/recovery.machine.ts'

const start = () => {
  const intents: RecoveryIntent[] = []
  const actor = createActor(recoveryMachine, { input: { child: 'a', max: 2, withinMs: 1_000 } })
  actor.on('*', (intent) => intents.push(intent))
  actor.start()
  return {
    send: (...events: RecoveryEvent[]) => {
      for (const event of events) actor.send(event)
    },
    state: () => actor.getSnapshot().value,
    done: () => intents.splice(0).map(({ type }) => type),
    intents,
  }
}

const fault: RecoveryEvent = { type: 'FAULT_FOUND', reason: 'silent' }
const diagnosed = (name: string, nowMonoMs: number, known = true): RecoveryEvent => ({
  ...{ type: 'DIAGNOSED', class: name, known, reason: `it is ${name}`, nowMonoMs },
})
const doctored: RecoveryEvent = { type: 'DOCTORED', ok: true, reason: 'replaced' }
const round = (name: string, atMs: number): RecoveryEvent[] => [
  fault,
  diagnosed(name, atMs),
  doctored,
  { type: 'RESUMED' },
]

test('up the ladder: diagnose, doctor, resume, watch', () => {
  const ladder = start()
  ladder.send(...round('stopped', 0))
  expect(ladder.done()).toEqual(['DIAGNOSE', 'DOCTOR', 'RESUME'])
  expect(ladder.state()).toBe('watching')
  ladder.send({ type: 'PROVED_HEALTHY' })
  expect(ladder.state()).toBe('idle')
})

describe('a person is asked', () => {
  test.each<[string, RecoveryEvent[], RegExp]>([
    ['about an unknown class', [fault, diagnosed('odd', 0, false)], /no known remedy: it is odd/],
    [
      'about the same class twice',
      [...round('x', 0), fault, diagnosed('x', 1_000)],
      /same fault came back: it is x/,
    ],
    [
      'at the limit',
      [...round('x', 0), ...round('y', 10), fault, diagnosed('z', 20)],
      /limit is reached: it is z/,
    ],
    [
      'when the remedy fails',
      [fault, diagnosed('x', 0), { type: 'DOCTORED', ok: false, reason: 'left over' }],
      /did not work: left over/,
    ],
    [
      'when the remedy does not end in its time',
      [fault, diagnosed('x', 0), { type: 'DOCTOR_OVERDUE' }, doctored],
      /did not end in its time: it is x/,
    ],
  ])('%s', (_name, events, reason) => {
    const ladder = start()
    ladder.send(...events)
    expect(ladder.state()).toBe('givenUp')
    expect(ladder.intents.at(-1)).toMatchObject({ type: 'GIVE_UP', reason: expect.stringMatching(reason) })
    ladder.send(fault)
    expect(ladder.state()).toBe('givenUp')
    ladder.send({ type: 'RELEASED' }, ...round('x', 30))
    expect(ladder.state()).toBe('watching')
  })
})

test('what lies outside the window, or before proven health, counts no more', () => {
  const late = start()
  late.send(...round('x', 0), fault, diagnosed('x', 1_001))
  expect(late.state()).toBe('doctoring')
  const healthy = start()
  healthy.send(...round('x', 0), { type: 'PROVED_HEALTHY' }, fault, diagnosed('x', 1))
  expect(healthy.state()).toBe('doctoring')
})

test('a fault that goes away on its own ends the climb, and a late answer changes nothing', () => {
  for (const events of [[fault], [fault, diagnosed('x', 0)]]) {
    const ladder = start()
    ladder.send(...events, { type: 'FAULT_GONE' })
    expect(ladder.state()).toBe('idle')
    ladder.done()
    ladder.send(doctored, diagnosed('x', 0), { type: 'RESUMED' })
    expect(ladder.state()).toBe('idle')
    expect(ladder.done()).toEqual([])
  }
})
