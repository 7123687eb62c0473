import { expect, test } from 'vitest'
import { weakestContainment } from '../../src/evidence/weakest-containment.ts'

const walled = { level: 'namespace', sandbox: 'bubblewrap' } as const

test.each([
  [[], null],
  [[null], null],
  [[null, walled], walled],
  [[walled, { level: 'namespace', sandbox: 'off' }], { level: 'namespace', sandbox: 'off' }],
  [[{ level: 'swept', sandbox: 'bubblewrap' }, walled], { level: 'swept', sandbox: 'bubblewrap' }],
  [
    [{ level: 'swept', sandbox: 'bubblewrap' }, { level: 'namespace', sandbox: 'off' }, walled],
    { level: 'swept', sandbox: 'off' },
  ],
] as const)('%j comes to %j', (attempts, expected) => expect(weakestContainment(attempts)).toEqual(expected))
