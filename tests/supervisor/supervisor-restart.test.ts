import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { FOREVER, lane, lives, makeFifo, pidOf, sh, spec, testSupervisor } from './test-supervisor.ts'

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
    const job = spec('job', sh('read code < "$1"; exit "$code"', fifo))
    const supervisor = testSupervisor({ specs: [lane(orders), job] })
    await supervisor.start()
    await supervisor.reach('lane', 'ready')
    await supervisor.reach('job', 'ready')
    // Longer than the test: the drain cannot come to its end meanwhile.
    writeFileSync(orders, 'busy 60000')
    await until(() => !existsSync(orders))
    void supervisor.stop({ drain: true })
    writeFileSync(fifo, '0\n')
    await supervisor.reach('job', 'absent')
    expect(supervisor.phase()).toBe('draining')
    expect(supervisor.deaths()).toMatchObject([{ child: 'job', cause: 'intended', exitCode: 0 }])
  })
})
