import { expect, test } from 'vitest'
import { createLoadReader, type HostLoad, watchHost } from '../../supervisor/host-load.ts'
import { until } from '../support/until.ts'
import { manualClock } from './manual-clock.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('an event loop that has just begun to be watched has shown nothing', () => {
  const host = watchHost({ loadPerCpu: Number.POSITIVE_INFINITY })
  expect(host.read()).toMatchObject({ overloaded: false, loopBusy: 0 })
})

test('an event loop that stood still is an overload, one that waits is not', async () => {
  const host = watchHost({ loadPerCpu: Number.POSITIVE_INFINITY })
  const blockedMs = performance.now() + 300
  while (performance.now() < blockedMs);
  await turn()
  expect(host.read()).toMatchObject({ overloaded: true, loopBusy: expect.closeTo(1, 0.3) })
  await until(() => !host.read().overloaded, { everyMs: 150 })
})

test('a load beyond the limit is an overload', () => {
  expect(watchHost({ loadPerCpu: -1 }).read()).toMatchObject({ overloaded: true })
})

test('the load is read once a second, and an overload lingers', () => {
  const clock = manualClock()
  let now: HostLoad = { loadPerCpu: 1, loopBusy: 0, overloaded: false }
  let readings = 0
  const host = {
    read: () => {
      readings += 1
      return now
    },
  }
  const load = createLoadReader(host, clock)
  expect([load().overloaded, load().overloaded, readings]).toEqual([false, false, 1])
  now = { ...now, overloaded: true }
  clock.pass(1_000)
  expect(load().overloaded).toBe(true)
  now = { ...now, overloaded: false }
  clock.pass(5_000)
  expect(load()).toMatchObject({ overloaded: true, loadPerCpu: 1 })
  clock.pass(1)
  expect(load().overloaded).toBe(false)
  expect([load(500).overloaded, load(501).overloaded, load().overloaded]).toEqual([false, true, true])
  const begun = createLoadReader({ ...host, read: () => ({ ...now, overloaded: true }) }, clock)
  expect(begun().overloaded).toBe(true)
})
