import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { StatusFile } from '../../../src/contracts/status.ts'
import { type Clock, systemClock } from '../../../src/platform/clock.ts'
import { parseStatus } from '../../../supervisor/status/parse-records.ts'
import { statusRefreshMs } from '../../../supervisor/status/status-refresh.ts'
import { createStatusWriter } from '../../../supervisor/status/write-status.ts'
import { makeTree } from './status-fixture.ts'

test('the hand-written check accepts what the contract accepts, unchanged', async () => {
  const { layout } = await makeTree()
  const text = readFileSync(layout.status, 'utf8')
  expect(parseStatus(text)).toEqual(StatusFile.parse(JSON.parse(text)))
})

test('it writes at once, gathers changes, renews before facts get stale, and ends with a last word', async () => {
  const { layout, file } = await makeTree()
  const timers: { ms: number; run: () => void }[] = []
  const clock: Clock = {
    ...systemClock,
    after: (ms, run) => {
      const timer = { ms, run }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
  }
  let composed = 0
  const fire = (): void => timers.shift()?.run()
  const writer = createStatusWriter(layout.status, clock, () => {
    composed += 1
    return file({ counts: { ready: composed, running: 0, review: 0, blocked: 0 } })
  })
  const written = (): number => parseStatus(readFileSync(layout.status, 'utf8')).counts.ready
  expect([written(), timers.map(({ ms }) => ms)]).toEqual([1, [15_000]])
  writer.changed()
  writer.changed()
  expect([written(), timers.map(({ ms }) => ms)]).toEqual([1, [25]])
  fire()
  expect([written(), timers.map(({ ms }) => ms)]).toEqual([2, [15_000]])
  fire()
  expect(written()).toBe(3)
  writer.close()
  writer.changed()
  expect([written(), timers]).toEqual([4, []])
})

test.each([
  [[], 15_000],
  [[45_000, 180_000], 15_000],
  [[600], 250],
  [[45_000, 3_000], 1_000],
])('refresh for %j', (stale, ms) =>
  expect(statusRefreshMs(stale.map((heartbeatStaleAfterMs) => ({ heartbeatStaleAfterMs })))).toBe(ms),
)
