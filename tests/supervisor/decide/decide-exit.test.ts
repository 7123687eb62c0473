import { describe, expect, test } from 'vitest'
import { decideExit, type ExitFacts } from '../../../supervisor/decide/decide-exit.ts'
import { group, spec } from '../test-supervisor.ts'

const child = spec('a', ['true'], {
  restartLimit: { max: 2, withinMs: 10_000 },
  backoff: { minMs: 100, maxMs: 100, steps: 1, resetAfterMs: 1_000 },
  quarantineRetryMs: 5_000,
})
const code = (exitCode: number) => ({ exitCode, signal: null, startFailed: false })
const killed = { exitCode: null, signal: 'SIGKILL', startFailed: false }
const died = (id: string, ...agoMs: number[]) => agoMs.map((ago) => ({ child: id, agoMs: ago, readyMs: 0 }))

/** An `always` child alone in its group exits with 1 for the first time. */
const base: ExitFacts = {
  spec: child,
  group: group('default', { restartLimit: { max: 2, withinMs: 10_000 } }),
  members: ['a', 'b', 'c'],
  exit: code(1),
  asked: 'none',
  readyMs: 0,
  onProbation: false,
  gaveUp: null,
  deaths: [],
  jitter: 1,
  nowMonoMs: 50_000,
  siblingDueMs: null,
}

describe('what follows an exit', () => {
  test.each<[string, Partial<ExitFacts>, object]>([
    [
      'the first failure',
      {},
      { next: 'starting', rule: 'restart-now', cause: 'exit', budgetLeft: 1, isFailure: true },
    ],
    [
      'the second',
      { deaths: died('a', 10) },
      { next: 'backingOff', rule: 'backoff', dueMonoMs: 50_100, budgetLeft: 0 },
    ],
    [
      'the second, after proven health',
      { deaths: died('a', 10), readyMs: 1_000 },
      { next: 'starting', rule: 'restart-now' },
    ],
    [
      'one beyond the limit',
      { deaths: died('a', 10, 20) },
      { next: 'quarantined', rule: 'child-limit', dueMonoMs: 55_000, escalate: 'none' },
    ],
    [
      'one beyond the limit, to be escalated',
      { deaths: died('a', 10, 20), spec: { ...child, onLimit: 'escalate' } },
      { next: 'quarantined', escalate: 'child' },
    ],
    ['deaths outside the window', { deaths: died('a', 10_001, 20_000) }, { next: 'starting', budgetLeft: 1 }],
    [
      'three children failing together',
      { deaths: [...died('b', 5), ...died('c', 5)] },
      { next: 'quarantined', rule: 'group-limit', escalate: 'group' },
    ],
    [
      'where siblings go first, even the first waits at the gate',
      { group: group('default', { strategy: 'one_for_all' }) },
      { next: 'backingOff', rule: 'backoff', dueMonoMs: 50_000 },
    ],
    [
      'a try from quarantine',
      { onProbation: true },
      { next: 'quarantined', rule: 'probation', escalate: 'none' },
    ],
    [
      'a try from quarantine that had proved healthy',
      { onProbation: true, readyMs: 1_000 },
      { next: 'starting' },
    ],
    [
      'the recovery gave up',
      { asked: 'hung', gaveUp: 'same fault twice' },
      { next: 'quarantined', rule: 'recovery-gave-up', cause: 'hung' },
    ],
    ['hung, to be replaced', { asked: 'hung', exit: killed }, { next: 'starting', cause: 'hung' }],
    ['not ready in time', { asked: 'not_ready', exit: killed }, { next: 'starting', cause: 'not_ready' }],
    [
      'asked to stop',
      { asked: 'stop' },
      { next: 'absent', rule: 'asked-stop', cause: 'intended', isFailure: false, budgetLeft: null },
    ],
    [
      'asked to restart',
      { asked: 'restart' },
      { next: 'starting', rule: 'asked-restart', cause: 'intended', dueMonoMs: 50_000 },
    ],
    [
      'taken down with its group',
      { asked: 'sibling', siblingDueMs: 51_000 },
      { next: 'backingOff', rule: 'sibling', cause: 'sibling', dueMonoMs: 51_000, isFailure: false },
    ],
    [
      'taken down, never restarted',
      { asked: 'sibling', spec: { ...child, restart: 'never' } },
      { next: 'finished', cause: 'sibling' },
    ],
    [
      'done as its spec intends',
      { exit: code(0), spec: { ...child, restart: 'on-failure' } },
      { next: 'finished', rule: 'finished', cause: 'intended' },
    ],
    [
      'a job that failed',
      { exit: code(2), spec: { ...child, restart: 'never' } },
      { next: 'finished', cause: 'exit' },
    ],
    ['exit 0 of a child that should stay', { exit: code(0) }, { next: 'starting', cause: 'exit' }],
    [
      'another code that its spec calls success',
      { exit: code(7), spec: { ...child, restart: 'on-failure', successExit: [7] } },
      { next: 'finished' },
    ],
    ['killed by a signal', { exit: killed }, { cause: 'signal', reason: 'ended by SIGKILL' }],
    [
      'adopted, and gone',
      { exit: { exitCode: null, signal: null, startFailed: false } },
      { cause: 'vanished', reason: 'vanished' },
    ],
    [
      'could not start',
      { exit: { exitCode: null, signal: null, startFailed: true } },
      { cause: 'start_failed', reason: 'could not be started' },
    ],
  ])('%s', (_name, change, expected) => {
    expect(decideExit({ ...base, ...change })).toMatchObject(expected)
  })
})

test('a quarantine says why, and what happened last', () => {
  expect(decideExit({ ...base, deaths: died('a', 1, 2) }).reason).toBe(
    'more than 2 failures in its window; last: exited with 1',
  )
})
