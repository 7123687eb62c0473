import { expect, test } from 'vitest'
import { decideChildLimit, decideGroupLimit, limitWindowMs } from '../../../supervisor/decide/decide-limit.ts'

const child = {
  id: 'a',
  restartLimit: { max: 2, withinMs: 10_000 },
  backoff: { minMs: 100, maxMs: 100, steps: 1, resetAfterMs: 1 },
}
const dead = (id: string, ...agoMs: number[]) => agoMs.map((ago) => ({ child: id, agoMs: ago }))

test.each([
  ['no death', [], false, 2],
  ['as many as allowed', dead('a', 0, 5_000), false, 0],
  ['one more', dead('a', 0, 5_000, 9_000), true, 0],
  ['one of them outside the window', dead('a', 0, 5_000, 10_001), false, 0],
  ['of other children', dead('b', 0, 1, 2, 3), false, 2],
])('the budget of a child: %s', (_name, deaths, exceeded, left) => {
  expect(decideChildLimit(child, deaths)).toEqual({ exceeded, left })
})

test('the window is never shorter than the delays inside it', () => {
  expect(limitWindowMs(child)).toBe(10_000)
  const slow = {
    ...child,
    restartLimit: { max: 4, withinMs: 10_000 },
    backoff: { ...child.backoff, minMs: 6_400, maxMs: 6_400 },
  }
  // At once, then three times 6.4 s: a window of 10 s would have forgotten the first by the third.
  expect(limitWindowMs(slow)).toBe(2 * 3 * 6_400)
  expect(decideChildLimit(slow, dead('a', 0, 6_400, 12_800, 19_200, 19_300)).exceeded).toBe(true)
})

const group = { restartLimit: { max: 3, withinMs: 10_000 } }
const members = ['a', 'b', 'c']

test.each([
  ['too many of one child', dead('a', 1, 2, 3, 4, 5), false],
  ['too many of two', [...dead('a', 1, 2, 3), ...dead('b', 1, 2)], false],
  ['too many of three', [...dead('a', 1, 2), ...dead('b', 1), ...dead('c', 1)], true],
  ['not more than allowed of three', [...dead('a', 1), ...dead('b', 1), ...dead('c', 1)], false],
  [
    'of three, but one outside the window',
    [...dead('a', 1, 2), ...dead('b', 1), ...dead('c', 10_001)],
    false,
  ],
  ['of strangers', [...dead('a', 1, 2), ...dead('x', 1), ...dead('y', 1)], false],
])('the budget of a group: %s', (_name, deaths, exceeded) => {
  expect(decideGroupLimit(group, members, deaths).exceeded).toBe(exceeded)
})
