import { expect, test } from 'vitest'
import { createLoadReader, type HostLoad, watchHost } from '../../supervisor/host-load.ts'
import { until } from '../support/until.ts'
import { manualClock } from './manual-clock.ts'

test('a blocked event loop is an overload, a calm one is not', async () => {
  const host = watchHost({ loadPerCpu: Number.POSITIVE_INFINITY, loopLagMs: 400 })
  try {
    // It measures from its second timer on.
    const calmMs = performance.now() + 700
    await until(() => performance.now() > calmMs)
    expect(host.read().overloaded).toBe(false)
    const blockedMs = performance.now() + 900
    while (performance.now() < blockedMs);
    await until(() => host.read().overloaded)
    expect(host.read().loadPerCpu).toBeGreaterThanOrEqual(0)
  } finally {
    host.close()
  }
})

test('a load beyond the limit is an overload', () => {
  const host = watchHost({ loadPerCpu: -1 })
  expect(host.read().overloaded).toBe(true)
  host.close()
})

test('the load is read once a second, and an overload lingers', () => {
  const clock = manualClock()
  let now: HostLoad = { loadPerCpu: 1, loopLagMs: 0, overloaded: false }
  let readings = 0
  const host = {
    read: () => {
      readings += 1
      return now
    },
    close: () => {},
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
  const begun = createLoadReader({ ...host, read: () => ({ ...now, overloaded: true }) }, clock)
  expect(begun().overloaded).toBe(true)
})
