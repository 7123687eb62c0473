import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readControl } from '../../supervisor/control-file.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { FOREVER, lane, lives, spec, testSupervisor } from './test-supervisor.ts'

describe('reload', () => {
  test('added starts, removed is ended, changed is replaced, nobody else is touched', async () => {
    const supervisor = testSupervisor({
      specs: [spec('same', FOREVER), spec('gone', FOREVER), spec('other', FOREVER)],
    })
    await supervisor.start()
    const [same, gone, other] = [
      await supervisor.reach('same', 'ready'),
      await supervisor.reach('gone', 'ready'),
      await supervisor.reach('other', 'ready'),
    ]
    const diff = supervisor.reload([
      spec('same', FOREVER),
      spec('other', ['/bin/sleep', '99999']),
      spec('new', FOREVER),
    ])
    expect(diff).toEqual({ added: ['new'], removed: ['gone'], changed: ['other'] })
    await supervisor.reach('new', 'ready')
    await supervisor.replaced(other)
    await until(() => supervisor.records().length === 3)
    expect(lives(gone)).toBe(false)
    expect(supervisor.record('same').incarnation).toBe(same.incarnation)
    expect(supervisor.deaths().every(({ cause }) => cause === 'intended')).toBe(true)
    expect(supervisor.reports().filter(({ context }) => context === 'reload')).toHaveLength(1)
  })

  test('a changed child of ours is replaced at its next idle point, not in the middle of its work', async () => {
    const dir = makeTempDir('idle')
    const orders = join(dir, 'orders')
    const supervisor = testSupervisor({ specs: [lane(orders)] })
    await supervisor.start()
    const before = await supervisor.reach('lane', 'ready')
    // Its work cannot be over sooner than that, however late we hear that it has begun.
    const soonestMs = performance.now() + 1_000
    writeFileSync(orders, 'busy 1000')
    await until(() => readFileSync(supervisor.layout.heartbeat('lane'), 'utf8').includes('busy as declared'))
    supervisor.reload([lane(orders, { everyMs: 40 })])
    await until(() => !lives(before))
    expect(performance.now()).toBeGreaterThan(soonestMs)
    await supervisor.replaced(before)
    expect(supervisor.deaths().map(({ cause }) => cause)).toEqual(['intended'])
  })

  test('specs that are not valid change nothing', async () => {
    const supervisor = testSupervisor({ specs: [spec('a', FOREVER)] })
    await supervisor.start()
    await supervisor.reach('a', 'ready')
    expect(() => supervisor.reload([spec('b', FOREVER), spec('b', FOREVER)])).toThrow(/two child specs/)
    expect(supervisor.records().map(({ id }) => id)).toEqual(['a'])
  })

  test('a spec that comes back before its child is gone keeps it', async () => {
    const dir = makeTempDir('back')
    const orders = join(dir, 'orders')
    const supervisor = testSupervisor({ specs: [lane(orders)] })
    await supervisor.start()
    const before = await supervisor.reach('lane', 'ready')
    writeFileSync(orders, 'busy 60000')
    await until(() => readFileSync(supervisor.layout.heartbeat('lane'), 'utf8').includes('busy as declared'))
    supervisor.reload([])
    supervisor.tick()
    expect(readControl(supervisor.layout)?.draining).toEqual(['lane'])
    supervisor.reload([lane(orders)])
    supervisor.tick()
    expect(readControl(supervisor.layout)?.draining).toEqual([])
    expect(supervisor.record('lane')).toMatchObject({ incarnation: before.incarnation, wanted: 'up' })
  })
})
