import { expect, test } from 'vitest'
import { decideDesired } from '../../../supervisor/decide/decide-desired.ts'

test.each([
  ['booting', 'paused', 'paused'],
  ['adopting', 'paused', 'paused'],
  ['running', 'up', 'paused'],
  ['paused', 'paused', 'paused'],
  ['draining', 'paused', 'paused'],
  ['stopping', 'down', 'down'],
  ['killing', 'down', 'down'],
  ['stopped', 'down', 'down'],
] as const)('while %s a child is wanted %s, one whose spec is gone %s', (phase, wanted, removed) => {
  expect(decideDesired(phase, false)).toBe(wanted)
  expect(decideDesired(phase, true)).toBe(removed)
})
