import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTempDir } from '../../support/temp-dir.ts'
import { FOREVER, fixture, pidOf, spec, testSupervisor } from '../test-supervisor.ts'

test('the same diagnosis twice in the window: quarantine, one sentence, one action', async () => {
  const supervisor = testSupervisor({ specs: [spec('child', FOREVER)] })
  await supervisor.start()
  const first = await supervisor.reach('child', 'ready')
  process.kill(pidOf(first), 'SIGSTOP')
  const second = await supervisor.replaced(first)
  process.kill(pidOf(second), 'SIGSTOP')
  const ended = await supervisor.reach('child', 'quarantined')
  expect(ended.reason).toContain('the same fault came back: its process was stopped')
  expect(supervisor.attention()).toEqual([
    {
      ...{ kind: 'quarantine', subject: 'child', reason: expect.stringContaining('its process was stopped') },
      action: 'Find out who stops the process, then run `oc-supervise restart child`.',
    },
  ])
  const told = supervisor.reports().map(({ context }) => context)
  const ladder = ['child_hung', 'diagnosed', 'doctored', 'resumed', 'child_stopping']
  expect(told.filter((context) => ladder.includes(context))).toEqual([
    ...ladder,
    'child_hung',
    'diagnosed',
    'child_stopping',
  ])

  // A person starts it over: the ladder begins at its foot.
  expect(supervisor.restartChild('child')).toBe(true)
  const third = await supervisor.reach('child', 'ready')
  expect(supervisor.attention()).toEqual([])
  process.kill(pidOf(third), 'SIGSTOP')
  await supervisor.replaced(third)
})

test('different faults are bounded by their number', async () => {
  const dir = makeTempDir('ladder')
  const orders = join(dir, 'orders')
  const lane = spec('lane', ['node', fixture('hang'), orders], {
    liveness: 'nonce',
    ready: { by: 'nonce', withinMs: 15_000 },
    stop: { graceMs: 200 },
  })
  const supervisor = testSupervisor({ specs: [lane], recovery: { max: 1, withinMs: 60_000 } })
  await supervisor.start()
  const first = await supervisor.reach('lane', 'ready')
  writeFileSync(orders, 'spin')
  const second = await supervisor.replaced(first)
  process.kill(pidOf(second), 'SIGSTOP')
  const ended = await supervisor.reach('lane', 'quarantined')
  expect(ended.reason).toContain('the recovery limit is reached')
  const classes = supervisor
    .reports()
    .filter(({ context }) => context === 'diagnosed')
    .map(({ decision }) => decision)
  expect(classes).toEqual(['busy_loop', 'stopped_process'])
})

test('a child that proves itself while it is suspected is left alone', async () => {
  const dir = makeTempDir('suspect')
  const flag = join(dir, 'broken')
  const child = spec('app', FOREVER, {
    liveness: 'exec',
    livenessTarget: ['/bin/sh', '-c', 'test ! -e "$1"', 'sh', flag],
    probe: { everyMs: 150, answerWithinMs: 2_000, misses: 1_000 },
  })
  const supervisor = testSupervisor({ specs: [child] })
  await supervisor.start()
  const before = await supervisor.reach('app', 'ready')
  mkdirSync(flag)
  const suspect = await supervisor.reach('app', 'suspect')
  expect(suspect.reason).toMatch(/probes in a row without an answer; asking again/)
  rmdirSync(flag)
  await supervisor.reach('app', 'ready')
  expect(supervisor.record('app').incarnation).toBe(before.incarnation)
})
