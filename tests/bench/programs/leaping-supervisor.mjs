// A supervisor whose time leaps from timer to timer as soon as its children are ready: what it does in so many idle
// seconds, without the waiting between. Says on its output how much processor time that took.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const { module, layoutModule, clockModule, stateDir, specs, groups, seconds } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
)
const { createSupervisor } = await import(module)
const { stateLayout } = await import(layoutModule)
const { systemClock } = await import(clockModule)

let aheadMs = 0
let isLeaping = false
const timers = new Set()
const clock = {
  wallMs: () => systemClock.wallMs() + aheadMs,
  monoMs: () => systemClock.monoMs() + aheadMs,
  bootId: systemClock.bootId,
  now: () => ({ wallMs: clock.wallMs(), monoMs: clock.monoMs(), bootId: clock.bootId }),
  sleep: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
  after: (ms, run) => {
    if (!isLeaping) return systemClock.after(ms, run)
    const timer = { dueMs: clock.monoMs() + ms, run }
    timers.add(timer)
    return () => timers.delete(timer)
  },
}
const isReading = () => process.getActiveResourcesInfo().some((name) => /^FSReq|FileHandle/.test(name))

const supervisor = createSupervisor({ specs, groups, layout: stateLayout(stateDir), clock })
await supervisor.start()
while (!supervisor.records().every(({ state }) => state === 'ready')) await sleep(100)
await sleep(2_000)

isLeaping = true
while (timers.size === 0) await sleep(10)
const used = process.cpuUsage()
for (const endMs = clock.monoMs() + seconds * 1_000; clock.monoMs() < endMs; ) {
  const [next] = [...timers].sort((a, b) => a.dueMs - b.dueMs)
  aheadMs += Math.max(0, next.dueMs - clock.monoMs())
  timers.delete(next)
  next.run()
  await new Promise(setImmediate)
  while (isReading()) await sleep(1)
}
const { user, system } = process.cpuUsage(used)
process.stdout.write(`${JSON.stringify({ percent: (user + system) / 1e4 / seconds })}\n`)
isLeaping = false
for (const { run } of timers) run()
await supervisor.stop()
