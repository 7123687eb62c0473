import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTempDir } from '../support/temp-dir.ts'
import { FOREVER, group, makeFifo, pidOf, sh, spec, testSupervisor } from './test-supervisor.ts'

/** Once it is asked to end it waits until the test lets it go. */
const LINGERS = 'trap \'read go < "$1"; exit 0\' TERM; : > "$2"; while :; do sleep 0.02; done'

/** A group of which each member takes all down with it, and whose `last` is still going down until it is let go. */
const groupThatLingers = async (first: Parameters<typeof spec>[2], second: ReturnType<typeof spec>) => {
  const dir = makeTempDir('lingers')
  const [fifo, ready] = [makeFifo(dir, 'go'), join(dir, 'ready')]
  const last = spec('last', sh(LINGERS, fifo, ready), {
    order: 2,
    ready: { by: 'file', path: ready },
    stop: { graceMs: 60_000 },
  })
  const supervisor = testSupervisor({
    specs: [spec('first', FOREVER, first), second, last],
    groups: [group('default', { strategy: 'one_for_all' })],
  })
  await supervisor.start()
  const before = {
    first: await supervisor.reach('first', 'ready'),
    second: await supervisor.reach('second', 'ready'),
    last: await supervisor.reach('last', 'ready'),
  }
  return { supervisor, before, letGo: () => writeFile(fifo, 'go\n') }
}

const second = spec('second', FOREVER, { order: 1 })

test('a quarantined child that is asked back while its siblings are still going down brings them with it', async () => {
  const { supervisor, before, letGo } = await groupThatLingers({ restartLimit: { max: 1 } }, second)
  process.kill(pidOf(before.first), 'SIGKILL')
  await letGo()
  const again = await supervisor.replaced(before.first)
  await supervisor.replaced(before.last)
  process.kill(pidOf(again), 'SIGKILL')
  await supervisor.reach('first', 'quarantined')
  await supervisor.reach('last', 'stopping')
  expect(supervisor.restartChild('first')).toBe(true)
  const going = supervisor.records()
  await letGo()
  for (const record of [again, ...going.slice(1)]) await supervisor.replaced(record)
})

test('a sibling that is asked back while it goes down comes back with its group', async () => {
  const { supervisor, before, letGo } = await groupThatLingers({}, second)
  process.kill(pidOf(before.first), 'SIGKILL')
  await supervisor.reach('last', 'stopping')
  expect(supervisor.restartChild('last')).toBe(true)
  await letGo()
  for (const record of Object.values(before)) await supervisor.replaced(record)
})

test('a job that comes to its end before its turn to be taken down is not done twice', async () => {
  const dir = makeTempDir('job')
  const fifo = makeFifo(dir, 'orders')
  const job = spec('second', sh('read code < "$1"; exit "$code"', fifo), { order: 1, restart: 'on-failure' })
  const { supervisor, before, letGo } = await groupThatLingers({}, job)
  process.kill(pidOf(before.first), 'SIGKILL')
  await supervisor.reach('last', 'stopping')
  await writeFile(fifo, '0\n')
  await supervisor.reach('second', 'finished')
  await letGo()
  await supervisor.replaced(before.first)
  await supervisor.replaced(before.last)
  expect(supervisor.record('second')).toMatchObject({ state: 'finished', restarts: 0 })
})
