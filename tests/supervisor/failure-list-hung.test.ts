import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { FOREVER, fixture, lane, lives, pidOf, spec, testSupervisor } from './test-supervisor.ts'

const nonceSpec = (id: string, dir: string) => lane(join(dir, `${id}.orders`), { id, graceMs: 300 })

const order = (dir: string, id: string, what: string): void => writeFileSync(join(dir, `${id}.orders`), what)

/** Those of the list of known failures (failure-list.test.ts) that are about who is called hung, and who is not. */
describe('the list of known failures: who is hung', () => {
  test('5: a slow starter is not ended by liveness, and no child while the host is overloaded', async () => {
    const dir = makeTempDir('slow')
    const [gate, ready] = [join(dir, 'gate'), join(dir, 'ready')]
    const slow = spec('slow', ['node', fixture('slow-ready'), gate, ready], {
      ready: { by: 'file', path: ready, withinMs: 15_000 },
      liveness: 'http',
      livenessTarget: 'http://127.0.0.1:9/',
    })
    const host = { read: () => ({ loadPerCpu: 99, loopBusy: 0, overloaded: true }) }
    const supervisor = testSupervisor({ specs: [slow], host })
    await supervisor.start()
    const before = await supervisor.reach('slow', 'running')
    // Many probes run out before it is ready, and many after.
    writeFileSync(gate, 'open')
    await supervisor.reach('slow', 'suspect')
    await until(() => supervisor.reports().some(({ context }) => context === 'suppressed'))
    await until(() => supervisor.reports().length > 0 && lives(before))
    expect(supervisor.record('slow').incarnation).toBe(before.incarnation)
    expect(supervisor.reports().some(({ context }) => context === 'child_hung')).toBe(false)
  })

  test('6: a wedged handler beside a running setInterval reads hung; a long declared turn does not', async () => {
    const dir = makeTempDir('wedge')
    const supervisor = testSupervisor({ specs: [nonceSpec('wedged', dir), nonceSpec('busy', dir)] })
    await supervisor.start()
    const [wedged, busy] = [
      await supervisor.reach('wedged', 'ready'),
      await supervisor.reach('busy', 'ready'),
    ]
    order(dir, 'busy', 'busy 3000')
    order(dir, 'wedged', 'wedge')
    await supervisor.replaced(wedged)
    const hung = supervisor.reports().filter(({ context }) => context === 'child_hung')
    expect(hung.map(({ child }) => child)).toEqual(['wedged'])
    expect(hung[0]?.reason).toMatch(/heartbeat \d+ ms old and \d+ probes in a row/)
    expect(supervisor.reports().some(({ decision }) => decision === 'silent')).toBe(true)
    // Its turn lasted several times what makes the other one stale.
    await until(() => existsSync(join(dir, 'busy.orders')) === false)
    expect(supervisor.record('busy').incarnation).toBe(busy.incarnation)
    expect(lives(busy)).toBe(true)
  })

  test('6b: a child whose timer stamps heartbeats while its loop is wedged is never called fresh', async () => {
    const dir = makeTempDir('lie')
    const supervisor = testSupervisor({ specs: [nonceSpec('liar', dir)] })
    await supervisor.start()
    const before = await supervisor.reach('liar', 'ready')
    order(dir, 'liar', 'lie')
    await supervisor.reach('liar', 'suspect')
    expect(supervisor.record('liar').incarnation).toBe(before.incarnation)
  })

  test('7: a stopped child is found hung within threshold plus period, whatever its liveness', async () => {
    const dir = makeTempDir('stopped')
    const supervisor = testSupervisor({ specs: [nonceSpec('ours', dir), spec('theirs', FOREVER)] })
    await supervisor.start()
    for (const id of ['ours', 'theirs']) {
      const before = await supervisor.reach(id, 'ready')
      const stoppedMs = systemClock.monoMs()
      process.kill(pidOf(before), 'SIGSTOP')
      await supervisor.replaced(before)
      const hung = supervisor.reports().find(({ context, child }) => context === 'child_hung' && child === id)
      // Stale after 400, looked at every 100; the rest is what a shared machine may take to schedule us.
      expect((hung?.at.monoMs ?? Number.NaN) - stoppedMs).toBeLessThan(400 + 100 + 5_000)
      expect(supervisor.reports()).toContainEqual(
        expect.objectContaining({ context: 'diagnosed', child: id, decision: 'stopped_process' }),
      )
    }
  })

  test('8: after a suspend, or a gap in our own ticks, every child gets one fresh period', async () => {
    let sleptMs = 0
    const clock = { ...systemClock, wallMs: () => systemClock.wallMs() + sleptMs, bootId: systemClock.bootId }
    const supervisor = testSupervisor({ specs: [spec('child', FOREVER)], clock })
    await supervisor.start()
    const before = await supervisor.reach('child', 'ready')
    sleptMs = 3_600_000
    supervisor.tick()
    const told = supervisor.reports().find(({ context }) => context === 'suspend_detected')
    expect(told?.reason).toMatch(/^the host slept for 3[56]\d{5} ms$/)
    expect(supervisor.record('child').incarnation).toBe(before.incarnation)
  })

  test('16: what one life missed is not held against the next', async () => {
    const dir = makeTempDir('counters')
    const supervisor = testSupervisor({ specs: [nonceSpec('child', dir)] })
    await supervisor.start()
    const before = await supervisor.reach('child', 'ready')
    order(dir, 'child', 'wedge')
    const after = await supervisor.replaced(before)
    // Ready again means its first question was answered; two misses of the earlier life would have ended it by now.
    await until(() => (supervisor.record('child').provedAt?.monoMs ?? 0) > (after.provedAt?.monoMs ?? 0))
    expect(supervisor.record('child').incarnation).toBe(after.incarnation)
    expect(supervisor.record('child').state).toBe('ready')
  })
})
