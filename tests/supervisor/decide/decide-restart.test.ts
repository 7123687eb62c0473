import { expect, test } from 'vitest'
import type { Asked } from '../../../machines/live/child-events.ts'
import { decideRestart, type ExitKind } from '../../../supervisor/decide/decide-restart.ts'

const KINDS: ExitKind[] = ['normal', 'abnormal', 'signal']

test.each([
  ['always', 'normal', 'restart'],
  ['always', 'abnormal', 'restart'],
  ['always', 'signal', 'restart'],
  ['on-failure', 'normal', 'finish'],
  ['on-failure', 'abnormal', 'restart'],
  ['on-failure', 'signal', 'restart'],
  ['never', 'normal', 'finish'],
  ['never', 'abnormal', 'finish'],
  ['never', 'signal', 'finish'],
] as const)('an unasked exit of a child with restart %s, %s: %s', (restart, kind, verdict) => {
  expect(decideRestart(restart, kind, 'none')).toBe(verdict)
})

test.each([
  ['stop', 'down', 'down', 'down'],
  ['restart', 'again', 'again', 'again'],
  ['sibling', 'again', 'again', 'finish'],
  ['hung', 'restart', 'restart', 'finish'],
  ['not_ready', 'restart', 'restart', 'finish'],
] as const)(
  'an exit we asked for as %s decides alone, however the process ended',
  (asked: Asked, always, onFailure, never) => {
    for (const kind of KINDS) {
      expect(decideRestart('always', kind, asked)).toBe(always)
      expect(decideRestart('on-failure', kind, asked)).toBe(onFailure)
      expect(decideRestart('never', kind, asked)).toBe(never)
    }
  },
)
