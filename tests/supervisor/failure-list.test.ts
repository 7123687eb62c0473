import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { IncarnationId } from '../../src/contracts/ids.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { identityOf } from '../../src/platform/process-identity.ts'
import { stateLayout } from '../../src/platform/state-layout.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { killSupervisor, startSupervisorProcess } from './supervisor-process.ts'
import {
  FOREVER,
  fixture,
  group,
  lives,
  pidLives,
  pidOf,
  sh,
  spec,
  testSupervisor,
} from './test-supervisor.ts'

/**
 * What users complain about in supervisors, one test each, in the order of the list that our semantics answer (those
 * about who is hung stand in failure-list-hung.test.ts). Periods are scaled to about 100 ms; everything that is about
 * processes uses real ones.
 */
describe('the list of known failures', () => {
  test('1: a dead supervisor leaves neither orphans nor duplicates', async () => {
    const scene = startSupervisorProcess([spec('one', FOREVER), spec('chatty', ['node', fixture('chatty')])])
    const survivors = await scene.children(2)
    await killSupervisor(scene.process)
    expect(survivors.every(({ pid }) => pidLives(pid))).toBe(true)

    const next = testSupervisor({ specs: scene.specs, layout: scene.layout })
    const begun = performance.now()
    await next.start()
    expect(next.records().map(pidOf).sort()).toEqual(survivors.map(({ pid }) => pid).sort())
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(next.records().map(({ state }) => state)).toEqual(['ready', 'ready'])
    expect(next.reports().filter(({ context }) => context === 'child_started').length).toBe(2)
    // Adopted, it is supervised as before.
    const one = next.record('one')
    process.kill(pidOf(one), 'SIGKILL')
    await next.replaced(one)
  })

  test('2: a child that keeps crashing ends in quarantine, loudly, and is tried again', async () => {
    const specs = [
      spec('bad', sh('echo EADDRINUSE: taken; exit 1'), {
        restartLimit: { max: 2, withinMs: 60_000 },
        quarantineRetryMs: 400,
      }),
    ]
    const supervisor = testSupervisor({ specs })
    await supervisor.start()
    await supervisor.reach('bad', 'quarantined')
    const [attention] = supervisor.attention()
    expect(attention).toMatchObject({ kind: 'quarantine', subject: 'bad' })
    expect(attention?.reason).toContain('the address it listens on is taken')
    expect(attention?.action).toContain('oc-supervise restart bad')
    expect(supervisor.record('bad').nextAt).not.toBeNull()

    await until(() => supervisor.reports().some(({ context }) => context === 'released'))
    await until(() => supervisor.reports().filter(({ context }) => context === 'quarantined').length === 2)
    // From quarantine the first failure leads straight back: three starts within the limit, one try.
    expect(supervisor.deaths().length).toBe(4)
  })

  test('3: a crash loop slows down: at once, then geometrically', async () => {
    const backoff = { minMs: 100, maxMs: 400, steps: 2, resetAfterMs: 60_000 }
    const specs = [spec('loop', sh('exit 1'), { backoff, restartLimit: { max: 4, withinMs: 60_000 } })]
    const supervisor = testSupervisor({ specs, jitter: () => 1 })
    await supervisor.start()
    await supervisor.reach('loop', 'quarantined')
    const starts = supervisor.reports().filter(({ context }) => context === 'child_started')
    const gaps = starts.slice(1).map(({ at }, n) => at.monoMs - (starts[n]?.at.monoMs ?? 0))
    for (const [n, leastMs] of [0, 100, 200, 400].entries()) expect(gaps[n]).toBeGreaterThanOrEqual(leastMs)
    expect(gaps[0]).toBeLessThan(2_000)
  })

  test('4: one bad child takes nobody with it; a group is said to fail only when three children do', async () => {
    const limits = { restartLimit: { max: 3, withinMs: 60_000 } }
    const escalated: string[] = []
    const groups = [group('default', { restartLimit: { max: 4, withinMs: 60_000 } })]
    const bad = (id: string) => spec(id, sh('exit 1'), limits)
    const onEscalate = (subject: string): number => escalated.push(subject)

    const alone = testSupervisor({ specs: [bad('bad'), spec('good', FOREVER)], groups, onEscalate })
    await alone.start()
    const good = await alone.reach('good', 'ready')
    await alone.reach('bad', 'quarantined')
    expect(lives(good)).toBe(true)
    expect(escalated).toEqual([])

    const together = testSupervisor({ specs: ['x', 'y', 'z'].map(bad), groups, onEscalate })
    await together.start()
    await until(() => escalated.includes('default'))
  })

  test('9: a stop ends grandchildren too, those in a session of their own included', async () => {
    const dir = makeTempDir('forks')
    const pids = join(dir, 'pids')
    const supervisor = testSupervisor({
      specs: [spec('forks', ['node', fixture('forks'), pids], { ready: { by: 'file', path: pids } })],
    })
    await supervisor.start()
    await supervisor.reach('forks', 'ready')
    const grandchildren = JSON.parse(readFileSync(pids, 'utf8')) as number[]
    expect(grandchildren.every(pidLives)).toBe(true)
    const report = await supervisor.stop()
    expect(report.survivors).toEqual([])
    expect(grandchildren.some(pidLives)).toBe(false)
  })

  test('10: a child leads its own group, so that ending its group cannot hit us', async () => {
    const supervisor = testSupervisor({ specs: [spec('child', FOREVER)] })
    await supervisor.start()
    const pid = pidOf(await supervisor.reach('child', 'ready'))
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, , pgrp] = stat
      .slice(stat.lastIndexOf(')') + 1)
      .trim()
      .split(' ')
    expect(Number(pgrp)).toBe(pid)
    await supervisor.stop()
    expect(pidLives(pid)).toBe(false)
  })

  test('11: a leader that dies alone does not leave its group behind', async () => {
    const dir = makeTempDir('leader')
    const pids = join(dir, 'pids')
    const supervisor = testSupervisor({
      specs: [spec('forks', ['node', fixture('forks'), pids, '0'], { restart: 'never' })],
    })
    await supervisor.start()
    await supervisor.reach('forks', 'finished')
    const grandchildren = JSON.parse(readFileSync(pids, 'utf8')) as number[]
    expect(grandchildren).toHaveLength(2)
    await until(() => !grandchildren.some(pidLives))
  })

  test('12: a stop during start or back-off is neither lost nor does it leave anything behind', async () => {
    const starting = testSupervisor({ specs: [spec('child', FOREVER)] })
    await starting.start()
    expect(starting.record('child').state).toBe('starting')
    await starting.stop()
    expect(starting.record('child')).toMatchObject({ state: 'absent', wanted: 'down', identity: null })

    const backoff = { minMs: 60_000, maxMs: 60_000, steps: 1, resetAfterMs: 60_000 }
    const waiting = testSupervisor({ specs: [spec('child', sh('exit 1'), { backoff })] })
    await waiting.start()
    await waiting.reach('child', 'backingOff')
    const before = waiting.reports().filter(({ context }) => context === 'child_started').length
    await waiting.stop()
    expect(waiting.record('child').state).toBe('absent')
    expect(waiting.reports().filter(({ context }) => context === 'child_started').length).toBe(before)
  })

  test('13: an exit is noticed while a grandchild still holds standard output', async () => {
    const supervisor = testSupervisor({
      specs: [spec('child', sh('setsid sleep 300 & exit 0'), { restart: 'never' })],
    })
    await supervisor.start()
    await supervisor.reach('child', 'finished', 3_000)
  })

  test('14: a restart that was asked for counts as no failure', async () => {
    const specs = [spec('child', FOREVER, { restartLimit: { max: 1, withinMs: 60_000 } })]
    const supervisor = testSupervisor({ specs })
    await supervisor.start()
    for (let n = 0; n < 4; n += 1) {
      const before = await supervisor.reach('child', 'ready')
      expect(supervisor.restartChild('child')).toBe(true)
      await supervisor.replaced(before)
    }
    expect(supervisor.deaths().map(({ cause }) => cause)).toEqual(Array(4).fill('intended'))
    expect(supervisor.restartChild('nobody')).toBe(false)
  })

  test('15: a pid that was given to somebody else is neither adopted nor signalled', async () => {
    const stranger = spawn('/bin/sleep', ['300'], { detached: true, stdio: 'ignore' })
    const layout = stateLayout(join(makeTempDir('reused'), 'state'))
    try {
      const identity = await until(() => identityOf(stranger.pid ?? 0))
      const incarnation = IncarnationId.parse('inc-earlier')
      const dir = layout.registration(incarnation)
      mkdirSync(dir, { recursive: true })
      const intent = {
        ...{ v: 1, incarnation, role: 'service', subject: 'child', owner: 'inc-dead' },
        ...{ mark: 'f'.repeat(32), argv: FOREVER, at: systemClock.now() },
      }
      writeFileSync(join(dir, 'intent.json'), JSON.stringify(intent))
      // The line of /proc/PID/stat that an earlier process of the same pid would have written of itself.
      const stat = readFileSync(`/proc/${identity.pid}/stat`, 'utf8')
      writeFileSync(
        join(dir, 'identity'),
        stat.replace(` ${identity.startTicks} `, ` ${identity.startTicks - 1} `),
      )

      const supervisor = testSupervisor({ specs: [spec('child', FOREVER)], layout })
      await supervisor.start()
      expect(pidOf(await supervisor.reach('child', 'ready'))).not.toBe(identity.pid)
      await until(() => !existsSync(dir))
      await supervisor.stop()
      expect(pidLives(identity.pid)).toBe(true)
    } finally {
      stranger.kill('SIGKILL')
    }
  })

  test('17: nothing dead, and nothing that could not start, is recorded as running', async () => {
    const specs = [spec('child', FOREVER, { restart: 'never' }), spec('nowhere', FOREVER)]
    const lost = specs.map((one) =>
      one.id === 'nowhere' ? { ...one, start: { ...one.start, cwd: '/nowhere' } } : one,
    )
    const supervisor = testSupervisor({ specs: lost })
    await supervisor.start()
    await supervisor.reach('nowhere', 'quarantined')
    expect(supervisor.record('nowhere').identity).toBeNull()
    expect(supervisor.reports().find(({ context }) => context === 'start_error')?.reason).toContain(
      '/nowhere',
    )
    process.kill(pidOf(await supervisor.reach('child', 'ready')), 'SIGKILL')
    expect((await supervisor.reach('child', 'finished')).identity).toBeNull()
  })
})
