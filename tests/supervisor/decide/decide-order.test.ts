import { describe, expect, test } from 'vitest'
import {
  type Neighbour,
  type Placed,
  planMs,
  startBlocker,
  startWaves,
  stopPlan,
  stopWaves,
} from '../../../supervisor/decide/decide-order.ts'

const at = (id: string, order: number, group = 'g', groupOrder = 0): Placed => ({
  id,
  order,
  group,
  groupOrder,
})
const ids = (waves: Placed[][]): string[][] => waves.map((wave) => wave.map(({ id }) => id))

test('children start left to right and stop right to left, equal places together', () => {
  const children = [at('c', 2), at('a', 0), at('b1', 1), at('b2', 1)]
  expect(ids(startWaves(children))).toEqual([['a'], ['b1', 'b2'], ['c']])
  expect(ids(stopWaves(children))).toEqual([['c'], ['b1', 'b2'], ['a']])
  expect(startWaves([])).toEqual([])
})

test('groups stop in reverse order, those of equal order side by side', () => {
  const children = [
    at('db', 0, 'base', 0),
    at('l1', 0, 'lanes', 1),
    at('l2', 1, 'lanes', 1),
    at('web', 0, 'web', 1),
  ]
  const plan = stopPlan(children)
  expect(plan.map((rank) => rank.map(ids))).toEqual([[[['l2'], ['l1']], [['web']]], [[['db']]]])
  const graceMs: Record<string, number> = { db: 10, l1: 100, l2: 200, web: 1_000 }
  expect(planMs(plan, ({ id }) => graceMs[id] ?? 0)).toBe(1_000 + 10)
  expect(planMs([], () => 1)).toBe(0)
})

const neighbour = (placed: Placed, more: Partial<Neighbour> = {}): Neighbour => ({
  ...placed,
  ...{ wanted: 'up', up: false, wasUp: false, stopping: false },
  ...more,
})

describe('who keeps b from starting', () => {
  const b = at('b', 1)
  const left = at('a', 0)
  const right = at('c', 2)
  test.each([
    ['nobody', 'one_for_one', [], null],
    ['not itself', 'one_for_all', [neighbour(b, { stopping: true })], null],
    ['a left one that was never up', 'one_for_one', [neighbour(left)], 'a'],
    ['not a left one that was up once', 'one_for_one', [neighbour(left, { wasUp: true })], null],
    ['not a left one that nobody wants', 'one_for_one', [neighbour(left, { wanted: 'down' })], null],
    ['not a right one', 'one_for_one', [neighbour(right, { stopping: true })], null],
    ['a left one that is not up now', 'rest_for_one', [neighbour(left, { wasUp: true })], 'a'],
    ['not a left one that is up now', 'rest_for_one', [neighbour(left, { up: true })], null],
    ['not a left one that nobody wants now', 'rest_for_one', [neighbour(left, { wanted: 'paused' })], null],
    ['a right one that is still stopping', 'rest_for_one', [neighbour(right, { stopping: true })], 'c'],
    [
      'not a left one that is stopping, once up',
      'rest_for_one',
      [neighbour(left, { stopping: true, up: true })],
      null,
    ],
    ['any that is still stopping', 'one_for_all', [neighbour(left, { stopping: true, up: true })], 'a'],
    ['a lower group that was never up', 'one_for_one', [neighbour(at('x', 9, 'base', -1))], 'x'],
    [
      'not a lower group that was up once',
      'one_for_all',
      [neighbour(at('x', 9, 'base', -1), { wasUp: true })],
      null,
    ],
    [
      'not a lower group that nobody wants',
      'one_for_all',
      [neighbour(at('x', 9, 'base', -1), { wanted: 'down' })],
      null,
    ],
    ['not a group beside or after it', 'one_for_one', [neighbour(at('x', 0, 'other', 0))], null],
  ] as const)('%s (%s)', (_name, strategy, neighbours, blocker) => {
    expect(startBlocker(b, neighbours, strategy)).toBe(blocker)
  })
})
