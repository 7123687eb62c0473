import { spawn } from 'node:child_process'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { familyOf, nextScan, noOlderThan, scanProcesses } from '../../src/platform/process-family.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { processTable } from '../../src/platform/process-table.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { startRegistered } from './start-registered.ts'

/** The mark of one process as a fresh look shows it. */
const markOf = (pid: number): string | undefined => {
  const { entries, marksOf } = scanProcesses()
  return marksOf(entries.filter((entry) => entry.pid === pid)).get(pid)
}

test('a look tells who carries a mark, and of whom nothing shows', async () => {
  const child = await startRegistered(makeTempDir(), ['sleep', '60'])
  await until(() => markOf(child.identity.pid) === child.intent.mark)
  const bare = spawn('/bin/sleep', ['60'], { env: {}, stdio: 'ignore' })
  onTestFinished(() => void bare.kill('SIGKILL'))
  await until(() => markOf(bare.pid as number) === '')
})

test('nobody who is older than a process is looked at for its family', async () => {
  const child = await startRegistered(makeTempDir(), ['sh', '-c', 'sleep 60 & wait'])
  const target = { identity: child.identity, mark: child.intent.mark }
  const family = await until(() => {
    const found = familyOf(target, scanProcesses())
    return found.length === 2 ? found : null
  })
  const candidates = noOlderThan(child.identity, scanProcesses()).map(({ pid }) => pid)
  expect(candidates).toEqual(expect.arrayContaining(family.map(({ pid }) => pid)))
  expect(candidates).not.toContain(process.pid)
})

test('of a process of another boot nothing is known by age', () => {
  const scan = scanProcesses()
  expect(noOlderThan({ ...selfIdentity(), bootId: 'another' }, scan)).toEqual(scan.entries)
  expect(noOlderThan(null, scan)).toEqual(scan.entries)
})

test('a look that was held up holds up the next one for a moment, not for a multiple of its own time', async () => {
  const list = vi.spyOn(processTable, 'list').mockImplementationOnce(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)
    return []
  })
  onTestFinished(() => list.mockRestore())
  await nextScan()
  const beganMs = systemClock.monoMs()
  const { entries } = await nextScan()
  expect(entries.map(({ pid }) => pid)).toContain(process.pid)
  expect(systemClock.monoMs() - beganMs).toBeLessThan(2_000)
})
