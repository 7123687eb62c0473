import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serviceManager } from '../../src/platform/service-manager.ts'
import { manualClock } from '../durable/support.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

const NAMES = ['PATH', 'NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'SECRET'] as const
const before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]))
let dir: string

/** A `systemd-notify` that writes down what it was to say; it ends once `go` is there. */
beforeEach(() => {
  dir = makeTempDir('service')
  const program = join(dir, 'systemd-notify')
  const wait = `while [ ! -e ${dir}/go ]; do sleep 0.02; done`
  writeFileSync(program, `#!/bin/sh\necho "$* to $NOTIFY_SOCKET [$SECRET]" >>${dir}/said\n${wait}\n`)
  chmodSync(program, 0o755)
  process.env.PATH = `${dir}:${before.PATH}`
  process.env.NOTIFY_SOCKET = '@there'
  process.env.SECRET = 'hunter2'
})
afterEach(() => {
  writeFileSync(join(dir, 'go'), '')
  for (const name of NAMES) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
})

const said = (): string[] =>
  existsSync(join(dir, 'said')) ? readFileSync(join(dir, 'said'), 'utf8').trim().split('\n') : []
const go = (): void => writeFileSync(join(dir, 'go'), '')

describe('the watchdog', () => {
  test('hears of a loop that turns, three times in its time and not more often', async () => {
    process.env.WATCHDOG_USEC = '30000000'
    go()
    const clock = manualClock()
    const manager = serviceManager({ clock, failed: () => {} })
    const turn = (ms: number): void => {
      clock.advance(ms)
      manager?.turned()
    }
    turn(9_999)
    turn(1)
    await until(() => said().length === 1)
    turn(5_000)
    turn(5_000)
    await until(() => said().length === 2)
    expect(said()).toEqual(Array(2).fill('WATCHDOG=1 to @there []'))
  })

  test('hears nothing of a loop that stands still', async () => {
    process.env.WATCHDOG_USEC = '30000000'
    go()
    const clock = manualClock()
    const manager = serviceManager({ clock, failed: () => {} })
    clock.advance(600_000)
    manager?.tell('STATUS', 'still')
    // The file is there a moment before its line.
    await until(() => said().join() !== '')
    expect(said()).toEqual(['STATUS=still to @there []'])
  })

  test.each([
    ['none is asked for', undefined, undefined],
    ['it is another process’s', '30000000', '1'],
    ['its time is no number', 'soon', undefined],
  ])('is left alone where %s', async (_, usec, pid) => {
    if (usec !== undefined) process.env.WATCHDOG_USEC = usec
    if (pid !== undefined) process.env.WATCHDOG_PID = pid
    go()
    const clock = manualClock()
    const manager = serviceManager({ clock, failed: () => {} })
    clock.advance(600_000)
    manager?.turned()
    manager?.tell('READY', '1')
    await until(() => said().length === 1)
    expect(said()).toEqual(['READY=1 to @there []'])
  })
})

test('what is said while a message is under way goes out with the next, the latest word of each', async () => {
  const manager = serviceManager({ clock: manualClock(), failed: () => {} })
  manager?.tell('READY', '1')
  await until(() => said().length === 1)
  manager?.tell('STATUS', 'one')
  manager?.tell('STATUS', 'two\nlines')
  manager?.tell('STOPPING', '1')
  go()
  await until(() => said().length === 2)
  expect(said()).toEqual(['READY=1 to @there []', 'STATUS=two lines STOPPING=1 to @there []'])
})

test('there is none where nobody waits for word', () => {
  delete process.env.NOTIFY_SOCKET
  expect(serviceManager({ clock: manualClock(), failed: () => {} })).toBeNull()
})

test('a missing program is said once', async () => {
  process.env.PATH = join(dir, 'nothing')
  const reasons: string[] = []
  const manager = serviceManager({ clock: manualClock(), failed: (reason) => reasons.push(reason) })
  manager?.tell('READY', '1')
  await until(() => reasons.length === 1)
  manager?.tell('STATUS', 'again')
  manager?.tell('STOPPING', '1')
  expect(reasons[0]).toMatch(/systemd-notify could not tell systemd .*ENOENT/)
})
