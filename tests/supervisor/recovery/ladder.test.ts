import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import { createLadder } from '../../../supervisor/recovery/ladder.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'
import { manualClock } from '../manual-clock.ts'
import { FOREVER, lane, pidOf, spec, testSupervisor } from '../test-supervisor.ts'

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
  const supervisor = testSupervisor({
    specs: [lane(orders, { graceMs: 200 })],
    recovery: { max: 1, withinMs: 60_000 },
  })
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

/** A ladder whose diagnosis is always the same, with what it decides and why it gives up. */
const ladderOfOne = () => {
  const clock = manualClock()
  const decisions: string[] = []
  const gaveUp: string[] = []
  const ladder = createLadder({
    child: 'app',
    limits: { max: 3, withinMs: 60_000 },
    clock,
    report: ({ decision }) => decisions.push(decision),
    diagnose: () => ({ class: 'silent', sentence: 'it is silent', action: 'look', evidence: [] }),
    scope: () => ({ layout: stateLayout(makeTempDir('ladder')), child: 'app', liveIncarnation: null }),
    replace: () => decisions.push('replaced'),
    giveUp: (reason) => gaveUp.push(reason),
  })
  return { clock, decisions, gaveUp, ladder }
}

test('a fault that goes away under treatment leaves no timer behind, which would hold a stopped supervisor', async () => {
  const { clock, decisions, ladder } = ladderOfOne()
  ladder.send({ type: 'FAULT_FOUND', reason: 'silent' })
  ladder.send({ type: 'FAULT_GONE' })
  await until(() => decisions.length > 0)
  expect(decisions).toEqual(['nothing: it is too late'])
  expect([ladder.state, clock.armed]).toEqual(['idle', 0])
})

test('a doctor who has not come back in his time is not waited for, and comes too late', async () => {
  const { clock, decisions, gaveUp, ladder } = ladderOfOne()
  ladder.send({ type: 'FAULT_FOUND', reason: 'silent' })
  expect(ladder.state).toBe('doctoring')
  // Before the doctor can answer: he needs at least one turn of the event loop.
  clock.pass(60_000)
  expect(ladder.state).toBe('givenUp')
  expect(gaveUp).toEqual(['the remedy did not end in its time: it is silent'])
  await until(() => decisions.length > 0)
  expect(decisions).toEqual(['nothing: it is too late'])
  expect([ladder.state, clock.armed]).toEqual(['givenUp', 0])

  ladder.send({ type: 'RELEASED' })
  ladder.send({ type: 'FAULT_FOUND', reason: 'silent' })
  await until(() => decisions.includes('replaced'))
  expect([ladder.state, clock.armed]).toEqual(['watching', 0])
  ladder.close()
})
