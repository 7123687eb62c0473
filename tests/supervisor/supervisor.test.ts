import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'
import { readControl } from '../../supervisor/control-file.ts'
import { forgetAnswer, readAnswer, writeRequest } from '../../supervisor/request.ts'
import { SupervisorAlreadyRunning } from '../../supervisor/supervisor-lock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { FOREVER, group, lane, lives, pidOf, sh, spec, testSupervisor } from './test-supervisor.ts'

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
  /** Asks by file; the answer, and that the request is taken away by then. */
  const askOf = (layout: StateLayout) => async (what: Parameters<typeof writeRequest>[1]['what']) => {
    const id = writeRequest(layout, { what, by: 'test' }, systemClock)
    const answer = await until(() => readAnswer(layout, id))
    await until(() => !existsSync(join(layout.requests, `${id}.json`)))
    forgetAnswer(layout, id)
    return [answer.ok, answer.message]
  }

  test('restart, pause, unpause and stop by file, each answered once', async () => {
    const supervisor = testSupervisor({ specs: [spec('a', FOREVER)] })
    const { layout } = supervisor
    await supervisor.start()
    const ask = askOf(layout)
    const a = await supervisor.reach('a', 'ready')
    expect(await ask({ ask: 'restart', child: 'a' })).toEqual([true, 'restarting a'])
    await supervisor.replaced(a)
    expect(await ask({ ask: 'restart', child: 'nobody' })).toEqual([
      false,
      'no child is called nobody; known are a',
    ])
    expect(await ask({ ask: 'pause' })).toEqual([true, 'paused'])
    expect(supervisor.phase()).toBe('paused')
    expect(await ask({ ask: 'restart', child: null })).toEqual([
      true,
      'restarting every child; started again after `oc-supervise unpause`',
    ])
    expect(await ask({ ask: 'unpause' })).toEqual([true, 'running'])
    writeFileSync(join(layout.requests, 'broken.json'), '{"v":1}')
    await until(() => readAnswer(layout, 'broken')?.ok === false)
    expect(await ask({ ask: 'stop' })).toEqual([true, 'stopping'])
    await supervisor.stopped
  })

  test('who is on the way out neither pauses nor restarts, and says so', async () => {
    const orders = join(makeTempDir('draining'), 'orders')
    const supervisor = testSupervisor({ specs: [lane(orders)] })
    await supervisor.start()
    const before = await supervisor.reach('lane', 'ready')
    writeFileSync(orders, 'busy 60000')
    await until(() => !existsSync(orders))
    void supervisor.stop({ drain: true })
    const ask = askOf(supervisor.layout)
    for (const what of [{ ask: 'restart', child: 'lane' }, { ask: 'pause' }, { ask: 'unpause' }] as const) {
      expect(await ask(what)).toEqual([
        false,
        'the supervisor is draining and starts nothing any more; ask again under the next `oc-supervise run`',
      ])
    }
    // What it holds is waited for: a restart would have cost it.
    expect(lives(before)).toBe(true)
    expect(supervisor.phase()).toBe('draining')
    expect(await ask({ ask: 'stop', drain: true })).toEqual([true, 'draining'])
    expect(supervisor.phase()).toBe('draining')
    expect(lives(before)).toBe(true)
    expect(await ask({ ask: 'stop' })).toEqual([true, 'ending everything at once'])
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
