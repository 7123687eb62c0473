import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { identityOf, proveIdentity } from '../../src/platform/process-identity.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { readControl } from '../../supervisor/control-file.ts'
import { writeRequest } from '../../supervisor/request.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { killSupervisor, type SupervisorProcess, startSupervisorProcess } from './supervisor-process.ts'
import { FOREVER, fixture, lane, lives, pidLives, pidOf, spec, testSupervisor } from './test-supervisor.ts'

const scenes: SupervisorProcess[] = []
const scene = (...args: Parameters<typeof startSupervisorProcess>): SupervisorProcess => {
  const made = startSupervisorProcess(...args)
  scenes.push(made)
  return made
}

/** Whatever a failed test left is ended by a supervisor that wants nothing. */
afterEach(async () => {
  for (const { layout, process: supervisor } of scenes.splice(0)) {
    supervisor.kill('SIGKILL')
    await until(() => supervisor.exitCode !== null || supervisor.signalCode !== null)
    const last = testSupervisor({ specs: [], layout })
    await last.start().catch(() => {})
    await last.stop({ kill: true })
  }
})

test('a survivor whose spec has changed is ended before its replacement starts; one without a spec is ended', async () => {
  const before = scene([spec('same', FOREVER), spec('changed', FOREVER), spec('gone', FOREVER)])
  const survivors = await before.children(3)
  await killSupervisor(before.process)
  const next = testSupervisor({
    specs: [spec('same', FOREVER), spec('changed', ['/bin/sleep', '99999'])],
    layout: before.layout,
  })
  await next.start()
  const changed = await next.reach('changed', 'ready')
  const pids = survivors.map(({ pid }) => pid)
  expect(pids).toContain(pidOf(next.record('same')))
  expect(pids).not.toContain(pidOf(changed))
  await until(() => survivors.filter((identity) => proveIdentity(identity).proof === 'alive').length === 1)
  const ends = next
    .reports()
    .filter(({ context, reason }) => context === 'child_stopping' && reason.startsWith('left by'))
  expect(ends.map(({ child }) => child).sort()).toEqual(['changed', 'gone'])
})

test('a pause outlives its supervisor, until somebody ends it; a clean stop ends it too', async () => {
  const before = scene([spec('a', FOREVER), spec('b', FOREVER)])
  const { layout, specs } = before
  const [first] = await before.children(2)
  writeRequest(layout, { what: { ask: 'pause' }, by: 'test' }, systemClock)
  await until(() => readControl(layout)?.mode === 'pause')
  await killSupervisor(before.process)
  process.kill(first?.pid ?? 0, 'SIGKILL')

  const next = testSupervisor({ specs, layout })
  const phases = new Set<string>()
  next.onChange(() => phases.add(next.phase()))
  await next.start()
  expect(next.phase()).toBe('paused')
  // Not even in passing: survivors would claim, and a second death would forget the pause.
  expect([...phases]).not.toContain('running')
  expect(readControl(layout)?.mode).toBe('pause')
  expect(next.attention()).toMatchObject([{ kind: 'paused', action: 'oc-supervise unpause' }])
  expect(next.reports().findLast(({ context }) => context === 'supervisor_started')?.decision).toContain(
    'paused',
  )
  next.tick()
  expect(next.records().every(({ wanted }) => wanted === 'paused')).toBe(true)
  next.unpause()
  await Promise.all([next.reach('a', 'ready'), next.reach('b', 'ready')])
  expect(next.attention()).toEqual([])
  next.pause()
  await next.stop()

  const last = testSupervisor({ specs, layout })
  await last.start()
  expect(last.phase()).toBe('running')
})

test('a child that dies while nobody watches is started anew, and what it left is swept', async () => {
  const dir = makeTempDir('swept')
  const file = join(dir, 'pids')
  const forks = spec('forks', ['node', fixture('forks'), file], { ready: { by: 'file', path: file } })
  const before = scene([forks])
  const [survivor] = await before.children(1)
  const grandchildren = await until(() =>
    existsSync(file) ? (JSON.parse(readText(file)) as number[]) : null,
  )
  await killSupervisor(before.process)
  process.kill(survivor?.pid ?? 0, 'SIGKILL')
  rmSync(file)
  const next = testSupervisor({ specs: [forks], layout: before.layout })
  await next.start()
  const after = await next.reach('forks', 'ready')
  expect(pidOf(after)).not.toBe(survivor?.pid)
  await until(() => !grandchildren.some(pidLives))
})

test('an adopted child of ours answers the new supervisor, and its death is noticed', async () => {
  const dir = makeTempDir('adopted')
  const orders = join(dir, 'orders')
  const before = scene([lane(orders)])
  await until(() => existsSync(before.layout.answer('lane')), { timeoutMs: 15_000 })
  await until(() => readText(before.layout.supervisorLog).includes('child_ready'))
  await killSupervisor(before.process)
  const next = testSupervisor({ specs: [lane(orders)], layout: before.layout })
  await next.start()
  const adopted = next.record('lane')
  expect(adopted.state).toBe('ready')
  await until(() => next.record('lane').provedAt)
  process.kill(pidOf(adopted), 'SIGKILL')
  const after = await next.replaced(adopted)
  expect(next.deaths().map(({ cause }) => cause)).toEqual(['vanished'])
  // What it was hung up on does not carry over: it is judged by the same rules as ever.
  writeFileSync(orders, 'wedge')
  await next.replaced(after)
})

test('an adopted child is proved as soon as it answers, however long it might take to', async () => {
  const patient = {
    ...lane(join(makeTempDir('patient'), 'orders')),
    probe: { everyMs: 60_000, answerWithinMs: 60_000, misses: 3 },
  }
  const before = scene([patient])
  await until(() => readText(before.layout.supervisorLog).includes('child_ready'), { timeoutMs: 15_000 })
  await killSupervisor(before.process)
  const next = testSupervisor({ specs: [patient], layout: before.layout })
  await next.start()
  await until(() => next.record('lane').provedAt, { timeoutMs: 4_000 })
})

test('kill the supervisor again and again: the same children, never two of one', async () => {
  const specs = ['a', 'b', 'c'].map((id) => spec(id, FOREVER))
  const first = scene(specs)
  const begun = await first.children(3)
  await killSupervisor(first.process)
  for (let round = 0; round < 3; round += 1) {
    const again = scene(specs, { layout: first.layout })
    // Killed at another moment each time: before, just after, and well after it has adopted them.
    const { pid } = again.process
    if (round > 0)
      await until(() => readText(first.layout.lockOwner).includes(`"pid":${pid},`), { timeoutMs: 15_000 })
    if (round > 1) await until(() => readText(first.layout.supervisorLog).split('child_adopted').length > 3)
    await killSupervisor(again.process)
  }
  const last = testSupervisor({ specs, layout: first.layout })
  await last.start()
  await until(() => last.records().every((record) => record.state === 'ready' && lives(record)))
  expect(last.records().map(pidOf).sort()).toEqual(begun.map(({ pid }) => pid).sort())
  expect(readdirSync(first.layout.registrations)).toHaveLength(3)
})

test('a half-written registration, whose process nobody knows, blocks nothing', async () => {
  const first = testSupervisor({ specs: [spec('a', FOREVER)] })
  await first.start()
  const a = await first.reach('a', 'ready')
  const [registration] = readRegistrations(first.layout.registrations)
  await first.stop()
  expect(lives(a)).toBe(false)
  expect(readRegistrations(first.layout.registrations)).toEqual([])
  const again = testSupervisor({ specs: [spec('a', FOREVER)], layout: first.layout })
  const dir = first.layout.registration('inc-half')
  mkdirSync(dir)
  const intent = { ...registration?.intent, incarnation: 'inc-half', mark: 'e'.repeat(32) }
  writeFileSync(join(dir, 'intent.json'), JSON.stringify(intent))
  await again.start()
  await again.reach('a', 'ready')
  expect(existsSync(dir)).toBe(false)
  expect(identityOf(pidOf(again.record('a')))).not.toBeNull()
})

const readText = (path: string): string => readFileSync(path, 'utf8')
