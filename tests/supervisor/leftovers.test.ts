import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { IncarnationId } from '../../src/contracts/ids.ts'
import { spawnRegistered } from '../../src/platform/spawn-registered.ts'
import { inspectKeeper } from '../../supervisor/keeper/inspect-keeper.ts'
import { until } from '../support/until.ts'
import { makeSpec, start } from './keeper/keeper-fixture.ts'
import { pidLives, testSupervisor } from './test-supervisor.ts'

/** An agent that heeds no TERM, under a keeper whose lane is gone: only the supervisor is there to answer for it. */
const orphanedAgent = async () => {
  const made = makeSpec('trap "" TERM; echo $$ > pid; while :; do sleep 0.2; done', {
    limits: { stopGraceMs: 60_000 },
  })
  const { dir } = await start(made)
  const file = join(made.spec.agent.cwd, 'pid')
  const pid = await until(() => existsSync(file) && Number(readFileSync(file, 'utf8')))
  return { layout: made.layout, dir, pid }
}

describe('a stop and the agents of lanes that are gone', () => {
  test('a kill ends them at once, whatever their grace', async () => {
    const { layout, dir, pid } = await orphanedAgent()
    const supervisor = testSupervisor({ specs: [], layout })
    await supervisor.start()
    expect(pidLives(pid)).toBe(true)
    const begunMs = performance.now()
    await supervisor.stop({ kill: true })
    expect(performance.now() - begunMs).toBeLessThan(15_000)
    expect(pidLives(pid)).toBe(false)
    expect(inspectKeeper(dir).state).not.toBe('running')
  })

  test('with keep_agents they go on, for whoever comes next', async () => {
    const { layout, dir, pid } = await orphanedAgent()
    const supervisor = testSupervisor({ specs: [], layout })
    await supervisor.start()
    const report = await supervisor.stop({ keepAgents: true })
    expect(report.keepAgents).toBe(true)
    expect(pidLives(pid)).toBe(true)
    expect(inspectKeeper(dir).state).toBe('running')
    const next = testSupervisor({ specs: [], layout })
    await next.start()
    await next.stop({ kill: true })
    expect(pidLives(pid)).toBe(false)
  })
})

test('an effect that its dead lane left running is ended with the tree, and its registration with it', async () => {
  const supervisor = testSupervisor({ specs: [] })
  const { layout } = supervisor
  await supervisor.start()
  const effect = await spawnRegistered({
    ...{ role: 'effect', subject: 'push', owner: IncarnationId.parse('inc-lane'), cwd: '/tmp', env: {} },
    registrationsDir: layout.registrations,
    argv: ['/bin/sleep', '300'],
    stdoutFile: layout.log('push'),
    stderrFile: layout.log('push'),
  })
  await supervisor.stop()
  expect(pidLives(effect.identity.pid)).toBe(false)
  expect(existsSync(effect.dir)).toBe(false)
})
