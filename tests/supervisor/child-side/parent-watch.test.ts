import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import type { ProcessIdentity } from '../../../src/contracts/process-identity.ts'
import { writeJsonAtomic } from '../../../src/platform/atomic-file.ts'
import { type Clock, systemClock } from '../../../src/platform/clock.ts'
import { identityOf, selfIdentity } from '../../../src/platform/process-identity.ts'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import { createParentWatch } from '../../../supervisor/child-side/parent-watch.ts'
import { stateOf } from '../../chaos/project-processes.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

const startProcess = (): { child: ChildProcess; identity: ProcessIdentity } => {
  const child = spawn('sleep', ['300'], { stdio: 'ignore' })
  started.push(child)
  return { child, identity: identityOf(child.pid ?? 0) as ProcessIdentity }
}

const setUp = () => {
  const layout = stateLayout(makeTempDir('parent'))
  let nowMs = 0
  const clock: Clock = { ...systemClock, monoMs: () => nowMs }
  const watch = createParentWatch(layout, clock, 1_000)
  const own = (identity: ProcessIdentity): void =>
    writeJsonAtomic(layout.lockOwner, { v: 1, incarnation: 'inc-1', identity })
  const advance = (ms: number): void => {
    nowMs += ms
  }
  return { layout, watch, own, advance }
}

test('a supervisor that dies is lost once, waited for, and given up once', async () => {
  const { watch, own, advance } = setUp()
  const { child, identity } = startProcess()
  own(identity)
  expect(watch.check()).toBeNull()
  child.kill('SIGKILL')
  await until(() => identityOf(identity.pid) === null)
  expect(watch.check()).toBe('SUPERVISOR_LOST')
  advance(999)
  expect(watch.check()).toBeNull()
  advance(1)
  expect([watch.check(), watch.check()]).toEqual(['ORPHAN_TIMEOUT', null])
})

test('the next supervisor takes its place, and the wait starts afresh when it dies too', async () => {
  const { watch, own, advance } = setUp()
  own({ ...selfIdentity(), startTicks: 1 })
  expect(watch.check()).toBe('SUPERVISOR_LOST')
  advance(900)
  const { child, identity } = startProcess()
  own(identity)
  expect([watch.check(), watch.check()]).toEqual(['SUPERVISOR_BACK', null])
  child.kill('SIGKILL')
  await until(() => identityOf(identity.pid) === null)
  advance(500)
  expect(watch.check()).toBe('SUPERVISOR_LOST')
  advance(999)
  expect(watch.check()).toBeNull()
})

test('a stopped supervisor is not dead', async () => {
  const { watch, own, advance } = setUp()
  const { child, identity } = startProcess()
  own(identity)
  child.kill('SIGSTOP')
  await until(() => stateOf(identity.pid) === 'T')
  advance(5_000)
  expect(watch.check()).toBeNull()
})

test('after a clean end status.json still names it; with neither there is none', () => {
  const { layout, watch, own } = setUp()
  own(selfIdentity())
  rmSync(layout.lockOwner)
  writeJsonAtomic(layout.status, { supervisor: { incarnation: 'inc-1', identity: selfIdentity() } })
  expect(watch.check()).toBeNull()
  rmSync(layout.status)
  expect(watch.check()).toBe('SUPERVISOR_LOST')
})
