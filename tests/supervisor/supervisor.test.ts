import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { readControl } from '../../supervisor/control-file.ts'
import { forgetAnswer, readAnswer, writeRequest } from '../../supervisor/request.ts'
import { SupervisorAlreadyRunning } from '../../supervisor/supervisor-lock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import {
  FOREVER,
  fixture,
  group,
  lives,
  makeFifo,
  pidLives,
  pidOf,
  sh,
  spec,
  testSupervisor,
} from './test-supervisor.ts'

const deaf = (id: string, dir: string) =>
  spec(id, sh('trap "" TERM; : > "$1"; while :; do sleep 100; done', join(dir, id)), {
    ready: { by: 'file', path: join(dir, id) },
    stop: { graceMs: 300 },
  })

describe('start', () => {
  test('a second supervisor on the same state is refused, and told who holds it', async () => {
    const first = testSupervisor({ specs: [] })
    await first.start()
    const second = testSupervisor({ specs: [], layout: first.layout })
    const refused = await second.start().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SupervisorAlreadyRunning)
    expect((refused as SupervisorAlreadyRunning).owner?.incarnation).toBe(first.incarnation)
    expect((refused as Error).message).toContain(`pid ${process.pid}`)
    // The one that was refused stops without a trace in the other one's state.
    await second.stop({ kill: true })
    expect(first.reports().map(({ context }) => context)).toEqual(['supervisor_started'])
    expect(readControl(first.layout)?.mode).toBe('run')
    await first.stop()
    const third = testSupervisor({ specs: [], layout: first.layout })
    await third.start()
    expect(third.phase()).toBe('running')
  })

  test('specs that contradict themselves are refused before anything is touched', () => {
    expect(() => testSupervisor({ specs: [spec('a', FOREVER), spec('a', FOREVER)] })).toThrow(
      /two child specs have the id a/,
    )
    expect(() => testSupervisor({ specs: [{ ...spec('a', FOREVER), id: 'Not An Id' }] })).toThrow(
      /child spec Not An Id/,
    )
  })

  test('children start left to right, groups in order; a job must have done its work first', async () => {
    const dir = makeTempDir('order')
    const job = spec('job', sh('sleep 0.1'), {
      group: 'before',
      restart: 'never',
      ready: { by: 'exit', withinMs: 5_000 },
    })
    const specs = [
      spec('c', FOREVER, { order: 2 }),
      spec('b', sh(': > "$1"; exec sleep 100', join(dir, 'b')), {
        order: 1,
        ready: { by: 'file', path: join(dir, 'b') },
      }),
      spec('a', FOREVER),
      job,
    ]
    const supervisor = testSupervisor({ specs, groups: [group('before', { order: -1 })] })
    await supervisor.start()
    expect(supervisor.record('a').reason).toBe('waits for job')
    await supervisor.reach('c', 'ready')
    const told = supervisor
      .reports()
      .filter(({ context }) => ['child_started', 'child_ready', 'child_terminated'].includes(context))
      .map(({ context, child }) => `${child} ${context.slice(6)}`)
    expect(told).toEqual([
      ...['job started', 'job terminated'],
      ...['a started', 'a ready', 'b started', 'b ready', 'c started', 'c ready'],
    ])
    expect(supervisor.record('job')).toMatchObject({ state: 'finished', reason: 'exited with 0' })
  })

  test('a job that fails holds back what needs it, and says so', async () => {
    const job = spec('job', sh('exit 2'), { restart: 'never', ready: { by: 'exit', withinMs: 5_000 } })
    const supervisor = testSupervisor({ specs: [job, spec('after', FOREVER, { order: 1 })] })
    await supervisor.start()
    await supervisor.reach('job', 'finished')
    supervisor.tick()
    expect(supervisor.record('after')).toMatchObject({ state: 'absent', reason: 'waits for job' })
  })

  test('a child that is not ready in time is ended and counts as failed', async () => {
    const slow = spec('slow', FOREVER, { ready: { by: 'file', path: '/nowhere/ready', withinMs: 250 } })
    const supervisor = testSupervisor({ specs: [slow] })
    await supervisor.start()
    await until(() => supervisor.deaths().some(({ cause }) => cause === 'not_ready'))
    expect(supervisor.reports().some(({ reason }) => reason === 'not ready within 250 ms')).toBe(true)
  })
})

test('kill -9 of a bare child, fifteen times: each time its replacement runs (how fast: see the benchmark)', async () => {
  const limits = {
    restartLimit: { max: 100, withinMs: 60_000 },
    backoff: { minMs: 0, maxMs: 1, steps: 1, resetAfterMs: 1 },
  }
  const supervisor = testSupervisor({ specs: [spec('bare', FOREVER, limits)] })
  await supervisor.start()
  for (let n = 0; n < 15; n += 1) {
    const before = await supervisor.reach('bare', 'ready')
    process.kill(pidOf(before), 'SIGKILL')
    const after = await supervisor.replaced(before)
    expect(lives(after)).toBe(true)
  }
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
    const lane = spec('lane', ['node', fixture('hang'), orders], {
      liveness: 'nonce',
      ready: { by: 'nonce', withinMs: 15_000 },
    })
    const supervisor = testSupervisor({ specs: [lane] })
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

describe('pause', () => {
  test('leaves what runs, starts nothing, and unpause starts it', async () => {
    const supervisor = testSupervisor({ specs: [spec('a', FOREVER), spec('b', FOREVER)] })
    await supervisor.start()
    const [a, b] = [await supervisor.reach('a', 'ready'), await supervisor.reach('b', 'ready')]
    expect(readControl(supervisor.layout)).toMatchObject({ mode: 'run', supervisor: supervisor.incarnation })
    supervisor.pause()
    expect(readControl(supervisor.layout)?.mode).toBe('pause')
    process.kill(pidOf(a), 'SIGKILL')
    await supervisor.reach('a', 'backingOff')
    supervisor.tick()
    expect(supervisor.record('a')).toMatchObject({ state: 'backingOff', wanted: 'paused' })
    expect(lives(b)).toBe(true)
    supervisor.unpause()
    await supervisor.replaced(a)
  })
})

describe('requests', () => {
  test('restart, pause, unpause and stop by file, each answered once', async () => {
    const supervisor = testSupervisor({ specs: [spec('a', FOREVER)] })
    const { layout } = supervisor
    await supervisor.start()
    const ask = async (what: Parameters<typeof writeRequest>[1]['what']) => {
      const id = writeRequest(layout, { what, by: 'test' }, systemClock)
      const answer = await until(() => readAnswer(layout, id))
      expect(existsSync(join(layout.requests, `${id}.json`))).toBe(false)
      forgetAnswer(layout, id)
      return [answer.ok, answer.message]
    }
    const a = await supervisor.reach('a', 'ready')
    expect(await ask({ ask: 'restart', child: 'a' })).toEqual([true, 'restarting a'])
    await supervisor.replaced(a)
    expect(await ask({ ask: 'restart', child: 'nobody' })).toEqual([false, 'no child is called nobody'])
    expect(await ask({ ask: 'pause' })).toEqual([true, 'paused'])
    expect(supervisor.phase()).toBe('paused')
    expect(await ask({ ask: 'unpause' })).toEqual([true, 'running'])
    writeFileSync(join(layout.requests, 'broken.json'), '{"v":1}')
    await until(() => readAnswer(layout, 'broken')?.ok === false)
    expect(await ask({ ask: 'stop' })).toEqual([true, 'stopping'])
    await supervisor.stopped
  })

  test('one that was left for an earlier supervisor does nothing to this one', async () => {
    const earlier = testSupervisor({ specs: [] })
    const id = writeRequest(earlier.layout, { what: { ask: 'stop' }, by: 'test' }, systemClock)
    await until(() => systemClock.wallMs() > earlier.startedAt.wallMs + 2)
    const supervisor = testSupervisor({ specs: [], layout: earlier.layout })
    await supervisor.start()
    const answer = await until(() => readAnswer(supervisor.layout, id))
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('no supervisor was running') })
    expect(supervisor.phase()).toBe('running')
  })
})

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
    const lane = (everyMs: string) =>
      spec('lane', ['node', fixture('hang'), orders, everyMs], {
        liveness: 'nonce',
        ready: { by: 'nonce', withinMs: 15_000 },
      })
    const supervisor = testSupervisor({ specs: [lane('50')] })
    await supervisor.start()
    const before = await supervisor.reach('lane', 'ready')
    writeFileSync(orders, 'busy 700')
    await until(() => readFileSync(supervisor.layout.heartbeat('lane'), 'utf8').includes('busy as declared'))
    supervisor.reload([lane('40')])
    const began = performance.now()
    await supervisor.replaced(before)
    expect(performance.now() - began).toBeGreaterThan(400)
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
    const lane = spec('lane', ['node', fixture('hang'), orders], {
      liveness: 'nonce',
      ready: { by: 'nonce', withinMs: 15_000 },
    })
    const supervisor = testSupervisor({ specs: [lane] })
    await supervisor.start()
    const before = await supervisor.reach('lane', 'ready')
    writeFileSync(orders, 'busy 60000')
    await until(() => readFileSync(supervisor.layout.heartbeat('lane'), 'utf8').includes('busy as declared'))
    supervisor.reload([])
    supervisor.tick()
    expect(readControl(supervisor.layout)?.draining).toEqual(['lane'])
    supervisor.reload([lane])
    supervisor.tick()
    expect(readControl(supervisor.layout)?.draining).toEqual([])
    expect(supervisor.record('lane')).toMatchObject({ incarnation: before.incarnation, wanted: 'up' })
  })
})

describe('liveness by other means', () => {
  test('http: a server that stops answering is replaced', async () => {
    let answers = true
    const server = createServer((_request, response) => {
      if (answers) response.writeHead(204).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const child = spec('web', FOREVER, {
      liveness: 'http',
      livenessTarget: url,
      ready: { by: 'http', url, withinMs: 5_000 },
    })
    const supervisor = testSupervisor({ specs: [child] })
    await supervisor.start()
    const before = await supervisor.reach('web', 'ready')
    await until(() => supervisor.record('web').provedAt)
    answers = false
    await until(() => supervisor.reports().some(({ context }) => context === 'child_hung'))
    answers = true
    await supervisor.replaced(before)
    server.closeAllConnections()
    server.close()
  })

  test('exec: a command that fails twice in a row has the child replaced', async () => {
    const dir = makeTempDir('exec')
    const flag = join(dir, 'broken')
    const child = spec('app', FOREVER, {
      liveness: 'exec',
      livenessTarget: sh('test ! -e "$1"', flag),
      probe: { everyMs: 100, answerWithinMs: 2_000, misses: 2 },
    })
    const supervisor = testSupervisor({ specs: [child] })
    await supervisor.start()
    const before = await supervisor.reach('app', 'ready')
    await until(() => supervisor.record('app').provedAt)
    mkdirSync(flag)
    await supervisor.replaced(before)
    expect(supervisor.deaths().map(({ cause }) => cause)).toEqual(['hung'])
  })
})

test('a child at its limit that asks for escalation is quarantined and told of', async () => {
  const told: string[] = []
  const child = spec('bad', sh('exit 1'), { onLimit: 'escalate', restartLimit: { max: 1, withinMs: 60_000 } })
  const supervisor = testSupervisor({ specs: [child], onEscalate: (subject) => told.push(subject) })
  await supervisor.start()
  await supervisor.reach('bad', 'quarantined')
  expect(told).toEqual(['bad'])
  expect(supervisor.restartChild('bad')).toBe(true)
  await until(() =>
    supervisor.reports().some(({ context, decision }) => context === 'released' && decision === 'start now'),
  )
})

test('limits count what an earlier supervisor saw', async () => {
  const child = spec('bad', sh('exit 1'), { restartLimit: { max: 2, withinMs: 60_000 } })
  const first = testSupervisor({ specs: [child] })
  await first.start()
  await first.reach('bad', 'quarantined')
  await first.stop()
  const second = testSupervisor({ specs: [child], layout: first.layout })
  await second.start()
  await second.reach('bad', 'quarantined')
  expect(second.deaths().length).toBe(4)
})

test('a journal that takes nothing never holds the supervisor up, and is named', async () => {
  const taken: number[] = []
  let isBlocked = true
  const journal = {
    record: async (_supervisor: string, report: { n: number }) => {
      if (isBlocked) throw new Error('database is locked by pid 4711')
      taken.push(report.n)
    },
  }
  const supervisor = testSupervisor({ specs: [spec('a', FOREVER)], journal })
  await supervisor.start()
  const a = await supervisor.reach('a', 'ready')
  process.kill(pidOf(a), 'SIGKILL')
  await supervisor.replaced(a)
  const attention = await until(() => supervisor.attention().find(({ kind }) => kind === 'journal_blocked'))
  expect(attention.reason).toContain('pid 4711')
  await until(() => supervisor.reports().some(({ context }) => context === 'journal_blocked'))
  isBlocked = false
  await until(() => taken.length === supervisor.reports().length)
  expect(taken).toEqual(supervisor.reports().map(({ n }) => n))
  expect(supervisor.attention()).toEqual([])
})

describe('health', () => {
  test('ready for long enough, a failure is the first again, and a try from quarantine is forgiven', async () => {
    const backoff = { minMs: 60_000, maxMs: 60_000, steps: 1, resetAfterMs: 150 }
    const child = spec('child', FOREVER, {
      backoff,
      restartLimit: { max: 1, withinMs: 60_000 },
      quarantineRetryMs: 50,
    })
    const supervisor = testSupervisor({ specs: [child], tickMs: 50 })
    await supervisor.start()
    const dieHealthy = async () => {
      const before = await supervisor.reach('child', 'ready')
      await until(() => systemClock.monoMs() - lastReadyMs() > 250)
      process.kill(pidOf(before), 'SIGKILL')
      return before
    }
    const lastReadyMs = (): number =>
      supervisor.reports().findLast(({ context }) => context === 'child_ready')?.at.monoMs ?? Number.NaN
    await supervisor.replaced(await dieHealthy())
    // The second failure exceeds the limit; the try after it proves healthy, so the next failure is judged by the limit.
    await supervisor.replaced(await dieHealthy())
    await dieHealthy()
    await until(() => supervisor.reports().filter(({ context }) => context === 'quarantined').length === 2)
    const rules = supervisor
      .reports()
      .filter(({ context }) => context === 'quarantined')
      .map(({ data }) => data.rule)
    expect(rules).toEqual(['child-limit', 'child-limit'])
  })

  test('a child that ends without fault while the tree drains did what was wanted', async () => {
    const dir = makeTempDir('drained')
    const orders = join(dir, 'orders')
    const fifo = makeFifo(dir, 'fifo')
    const lane = spec('lane', ['node', fixture('hang'), orders], {
      liveness: 'nonce',
      ready: { by: 'nonce', withinMs: 15_000 },
    })
    const job = spec('job', sh('read code < "$1"; exit "$code"', fifo))
    const supervisor = testSupervisor({ specs: [lane, job] })
    await supervisor.start()
    await supervisor.reach('lane', 'ready')
    await supervisor.reach('job', 'ready')
    writeFileSync(orders, 'busy 800')
    await until(() => !existsSync(orders))
    const stopped = supervisor.stop({ drain: true })
    writeFileSync(fifo, '0\n')
    await supervisor.reach('job', 'absent')
    expect(supervisor.phase()).toBe('draining')
    expect(supervisor.deaths()).toMatchObject([{ child: 'job', cause: 'intended', exitCode: 0 }])
    await stopped
  })
})
