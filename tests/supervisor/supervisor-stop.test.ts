import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readControl } from '../../supervisor/control-file.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { FOREVER, lane, lives, pidLives, pidOf, sh, spec, testSupervisor } from './test-supervisor.ts'

const deaf = (id: string, dir: string) =>
  spec(id, sh('trap "" TERM; : > "$1"; while :; do sleep 100; done', join(dir, id)), {
    ready: { by: 'file', path: join(dir, id) },
    stop: { graceMs: 300 },
  })

describe('stop', () => {
  test('200 children stop without force, and nothing is left (how fast: see the benchmark)', async () => {
    const specs = Array.from({ length: 200 }, (_, n) => spec(`c${n}`, FOREVER, { stop: { graceMs: 20_000 } }))
    const supervisor = testSupervisor({ specs })
    await supervisor.start()
    await until(() => supervisor.records().every(({ state }) => state === 'ready'), { timeoutMs: 15_000 })
    const pids = supervisor.records().map(pidOf)
    const report = await supervisor.stop()
    expect(report).toMatchObject({ survivors: [], forced: [], killed: false })
    expect(pids.some(pidLives)).toBe(false)
    expect(existsSync(supervisor.layout.lockOwner)).toBe(false)
  })

  test('who does not heed the signal is ended by force after its grace, and named', async () => {
    const dir = makeTempDir('deaf')
    const supervisor = testSupervisor({ specs: [deaf('deaf', dir), spec('good', FOREVER)] })
    await supervisor.start()
    await supervisor.reach('deaf', 'ready')
    const begunMs = performance.now()
    const report = await supervisor.stop()
    expect(report.forced).toEqual(['deaf'])
    expect(performance.now() - begunMs).toBeGreaterThan(290)
    expect(supervisor.reports().at(-1)).toMatchObject({
      context: 'supervisor_stopped',
      data: { forced: ['deaf'] },
    })
    // Asked again, it only tells what was.
    expect(await supervisor.stop()).toEqual(report)
  })

  test('a second stop kills at once', async () => {
    const dir = makeTempDir('kill')
    const supervisor = testSupervisor({
      specs: [{ ...deaf('deaf', dir), stop: { signal: 'SIGTERM', graceMs: 60_000 } }],
    })
    await supervisor.start()
    const pid = pidOf(await supervisor.reach('deaf', 'ready'))
    void supervisor.stop()
    expect(supervisor.phase()).toBe('stopping')
    const report = await supervisor.stop()
    expect(report).toMatchObject({ killed: true, forced: ['deaf'] })
    expect(pidLives(pid)).toBe(false)
  })

  test('one deadline holds for all, whatever the graces add up to', async () => {
    const dir = makeTempDir('deadline')
    const specs = ['a', 'b', 'c'].map((id, order) => ({
      ...deaf(id, dir),
      order,
      stop: { signal: 'SIGTERM' as const, graceMs: 60_000 },
    }))
    const supervisor = testSupervisor({ specs, stopWithinMs: 300 })
    await supervisor.start()
    await supervisor.reach('c', 'ready')
    const report = await supervisor.stop()
    expect(report).toMatchObject({ survivors: [], killed: false })
    expect([...report.forced].sort()).toEqual(['a', 'b', 'c'])
  })

  test('a drain waits until our children hold nothing more', async () => {
    const dir = makeTempDir('drain')
    const orders = join(dir, 'orders')
    const supervisor = testSupervisor({ specs: [lane(orders)] })
    await supervisor.start()
    const before = await supervisor.reach('lane', 'ready')
    writeFileSync(orders, 'busy 600')
    await until(() => !existsSync(orders))
    const stopped = supervisor.stop({ drain: true })
    expect(supervisor.phase()).toBe('draining')
    expect(readControl(supervisor.layout)?.mode).toBe('drain')
    supervisor.tick()
    expect(lives(before)).toBe(true)
    expect((await stopped).forced).toEqual([])
  })
})
