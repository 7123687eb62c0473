import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendLine } from '../../src/platform/append-line.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { ocJson } from './support/run-cli.ts'
import { put, type TestSystem, testSystem } from './support/test-system.ts'

describe('explain of a child', () => {
  let system: TestSystem
  beforeAll(async () => {
    system = await testSystem()
  })
  afterAll(() => system.close())

  it('proves it now and tells what its supervisor last decided', async () => {
    const state = ['--state-dir', system.dir]
    const at = systemClock.now()
    const identity = selfIdentity()
    const child = {
      id: 'goal',
      role: 'lane',
      group: 'lanes',
      wanted: 'up',
      state: 'quarantined',
      liveness: 'nonce',
      incarnation: null,
      identity: null,
      heartbeatStaleAfterMs: 45_000,
      provedAt: null,
      restarts: 5,
      nextAt: at,
      reason: 'five crashes in ten minutes',
    }
    const status = {
      v: 1,
      name: 'demo',
      writtenAt: at,
      startedAt: at,
      supervisor: { incarnation: 'inc-1', identity },
      cleanStop: null,
      paused: false,
      containment: 'swept',
      sandbox: 'off',
      gateTrust: 'same-user',
      children: [child],
      keepers: [],
      runs: [],
      counts: { ready: 0, running: 0, review: 0, blocked: 0 },
      attention: [],
    }
    put(system.layout.status, JSON.stringify(status))
    const report = {
      v: 1,
      n: 7,
      at,
      context: 'quarantined',
      child: 'goal',
      incarnation: null,
      reason: 'exit code 1',
      decision: 'quarantine',
      budgetLeft: 0,
      nextAt: at,
      data: {},
    }
    appendLine(system.layout.supervisorLog, JSON.stringify(report))
    const told = await ocJson('explain', 'goal', ...state)
    expect(told).toMatchObject({ kind: 'child', state: 'quarantined, gone', next: { what: 'the next try' } })
    expect(told.because.join('\n')).toMatch(/report 7\) quarantined: exit code 1 -> quarantine/)
    expect(told.action).toContain('oc-supervise restart goal')
  })
})
