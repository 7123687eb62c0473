import { expect, test } from 'vitest'
import type { Strategy } from '../../../src/contracts/child-spec.ts'
import { decideStrategy } from '../../../supervisor/decide/decide-strategy.ts'

const children = [0, 1, 2, 2].map((order, n) => ({
  id: 'abcd'[n] as string,
  group: 'g',
  groupOrder: 0,
  order,
}))
const [a, b, c] = children as [(typeof children)[0], (typeof children)[0], (typeof children)[0]]

test.each<[Strategy, typeof a, string[][], string[][]]>([
  ['one_for_one', b, [], [['b']]],
  ['one_for_all', b, [['c', 'd'], ['a']], [['a'], ['b'], ['c', 'd']]],
  ['one_for_all', a, [['c', 'd'], ['b']], [['a'], ['b'], ['c', 'd']]],
  ['rest_for_one', a, [['c', 'd'], ['b']], [['a'], ['b'], ['c', 'd']]],
  ['rest_for_one', b, [['c', 'd']], [['b'], ['c', 'd']]],
  // Those of equal order were started together, none after the other.
  ['rest_for_one', c, [], [['c']]],
])('%s, $1.id dies', (strategy, dead, stop, start) => {
  expect(decideStrategy(strategy, dead, children)).toEqual({ stop, start })
})

test('siblings that do not run are not brought up by another one’s death', () => {
  expect(decideStrategy('one_for_all', b, [c])).toEqual({ stop: [['c']], start: [['b'], ['c']] })
})
