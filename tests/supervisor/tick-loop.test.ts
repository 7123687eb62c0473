import { beforeEach, expect, test } from 'vitest'
import { createTickLoop, type TickLoop } from '../../supervisor/tick-loop.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

let clock: ManualClock
let loop: TickLoop
let looks: number[]
let asked: boolean[]
let late: number[]
let gaps: [string, number][]
let next: { dueMs: number; closestMs: number }

beforeEach(() => {
  clock = manualClock()
  looks = []
  asked = []
  late = []
  gaps = []
  next = { dueMs: Number.POSITIVE_INFINITY, closestMs: 50 }
  loop = createTickLoop({
    clock,
    maxMs: 1_000,
    look: (isAsked, lateMs) => {
      looks.push(clock.monoMs())
      asked.push(isAsked)
      late.push(lateMs)
      return next
    },
    gap: (kind, ms) => gaps.push([kind, ms]),
  })
  loop.tick()
})

test('it looks when something is due, and at least once a period', () => {
  clock.pass(1_000)
  next = { dueMs: clock.monoMs() + 300, closestMs: 2 }
  loop.tick()
  clock.pass(299)
  expect(looks).toHaveLength(3)
  clock.pass(1)
  expect(looks).toHaveLength(4)
})

test('what is overdue does not make it spin', () => {
  next = { dueMs: 0, closestMs: 2 }
  loop.tick()
  clock.pass(1)
  expect(looks).toHaveLength(2)
  next = { dueMs: 0, closestMs: 50 }
  clock.pass(1)
  expect(looks).toHaveLength(3)
  clock.pass(49)
  expect(looks).toHaveLength(3)
})

test('many wakes make one look, and one timer is armed at any time', () => {
  for (let n = 0; n < 100; n += 1) loop.wake()
  expect(clock.armed).toBe(1)
  clock.pass(0)
  expect(looks).toHaveLength(2)
  expect(clock.armed).toBe(1)
  loop.close()
  loop.wake()
  loop.tick()
  clock.pass(10_000)
  expect(looks).toHaveLength(2)
})

test('a suspend and a gap of our own are told apart, and ordinary lateness is neither', () => {
  clock.jump(2_000)
  clock.pass(1_000)
  expect(gaps).toEqual([])
  clock.jump(60_000)
  clock.pass(1_000)
  expect(gaps).toEqual([['suspended', 60_000]])
  clock.pass(3_001)
  expect(gaps).toEqual([
    ['suspended', 60_000],
    ['own_gap', 2_001],
  ])
  clock.jump(-3_600_000)
  clock.pass(1_000)
  expect(gaps).toHaveLength(2)
})

test('it tells a look that was asked for, or comes after a gap, from one whose time has come', () => {
  clock.pass(1_000)
  loop.wake()
  clock.pass(0)
  loop.tick()
  clock.pass(1_000)
  clock.jump(60_000)
  clock.pass(1_000)
  expect(asked).toEqual([true, false, true, true, false, true])
})

test('it says how long after its time it looks', () => {
  clock.pass(1_700)
  loop.wake()
  clock.pass(600)
  clock.pass(1_000)
  loop.tick()
  expect(late).toEqual([0, 700, 600, 0, 0])
})
