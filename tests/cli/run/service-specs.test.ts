import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { childSpecs, GROUPS } from '../../../src/cli/run/child-specs.ts'
import { compiled } from '../../manifest/compile-text.ts'
import { type TestSupervisor, testSupervisor } from '../../supervisor/test-supervisor.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'

/** Services as a manifest has them, with the real supervisor and real processes. */
describe('a service of a manifest', () => {
  let dir: string
  let server: Server
  let url: string
  let answer: number
  let asked: number
  beforeEach(async () => {
    dir = makeTempDir('service')
    answer = 503
    asked = 0
    server = createServer((_request, response) => {
      asked += 1
      response.writeHead(answer).end()
    })
    await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterEach(() => {
    server.close()
  })

  const start = async (service: string, command = '[sleep, "1000"]'): Promise<TestSupervisor> => {
    const manifest = compiled(`version: 1
name: serving
repos: {app: {url: /srv/app.git, checks: ["true"]}}
services:
  web: {command: ${command}, ${service}}
supervision: {heartbeat: {every: 500ms, stale_after: 10s}, probe: {every: 1s, answer_within: 900ms}}
`)
    const specs = childSpecs({ ...manifest, path: join(dir, 'oc-supervise.yaml') }, {})
    const supervisor = testSupervisor({ specs, groups: GROUPS })
    await supervisor.start()
    return supervisor
  }

  test('is ready once its file is there', async () => {
    const up = join(dir, 'up')
    const go = join(dir, 'go')
    const waits = `[sh, -c, 'until [ -e ${go} ]; do sleep 0.05; done; touch ${up}; exec sleep 1000']`
    const supervisor = await start(`ready: {type: file, path: ${up}}`, waits)
    await supervisor.reach('web', 'running')
    expect(existsSync(up)).toBe(false)
    writeFileSync(go, '')
    await supervisor.reach('web', 'ready')
    expect(existsSync(up)).toBe(true)
  })

  test('is ready once its address answers 2xx', async () => {
    const supervisor = await start(`ready: {type: http, url: "${url}"}`)
    await until(() => asked >= 2)
    expect(supervisor.record('web').state).toBe('running')
    answer = 204
    await supervisor.reach('web', 'ready')
  })

  test('that is not ready within its time has failed', async () => {
    const supervisor = await start(`ready: {type: http, url: "${url}", within: 300ms}`)
    await until(() => supervisor.deaths().length > 0)
    expect(supervisor.record('web').restarts).toBeGreaterThan(0)
  })

  test('is replaced when its address does not answer any more', async () => {
    answer = 200
    const supervisor = await start(`liveness: {type: http, url: "${url}"}`)
    const before = await supervisor.reach('web', 'ready')
    await until(() => asked > 0)
    answer = 500
    await supervisor.replaced(before, 20_000)
    expect(supervisor.reports().map(({ context }) => context)).toContain('diagnosed')
  })

  test('is replaced when its program does not exit 0 any more', async () => {
    const well = join(dir, 'well')
    writeFileSync(well, '')
    const supervisor = await start(`liveness: {type: exec, command: [test, -e, ${well}]}`)
    const before = await supervisor.reach('web', 'ready')
    await until(() => supervisor.record('web').provedAt !== null)
    rmSync(well)
    await supervisor.replaced(before, 20_000)
    expect(supervisor.reports().map(({ context }) => context)).toContain('diagnosed')
  })
})
