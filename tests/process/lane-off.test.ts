import { expect, test } from 'vitest'
import { isUp, pidsOf, untilStatus } from './support/live-status.ts'
import { plainManifest, QUICK_PROBES } from './support/plain-manifest.ts'
import { makeSystem } from './support/system.ts'

const MANIFEST = plainManifest(
  'off',
  `agents:
  first: {type: command, command: [./agent.sh]}
lanes:
  goal: {agent: first, max_attempts: 2, retry_delay: 1h}
  review: {}
${QUICK_PROBES}`,
)
const WITHOUT = MANIFEST.replace(/ {2}goal: .*\n/, '')

test('a task whose lane is off says so, ends no run as if it were done, and goes on with the lane', async () => {
  const system = makeSystem(MANIFEST, {}, { 'agent.sh': '#!/bin/sh\nexit 3\n' })
  const run = system.start(['run'])
  await untilStatus(system, isUp, 'up')
  const task = await system.addTask('Never done')
  const waiting = await untilStatus(system, ({ active }) => active > 0, 'it is claimed')
  expect(waiting.attention).toEqual([])
  await untilStatus(system, ({ keepers, active }) => keepers.length === 0 && active > 0, 'it waits to retry')

  system.write('oc-supervise.yaml', WITHOUT)
  const off = await untilStatus(
    system,
    (status) => !('goal' in pidsOf(status)) && status.attention.length > 0,
    'the lane is gone',
  )
  expect(off.attention).toMatchObject([
    {
      kind: 'lane_off',
      subject: task,
      reason: expect.stringContaining('lane goal is off'),
      action: expect.stringContaining('add lane goal'),
    },
  ])
  const cancel = await system.oc(['task', 'cancel', task])
  expect(cancel).toMatchObject({ code: 0, stderr: '' })
  expect(cancel.stdout).toContain('lane goal is off')
  expect(cancel.stdout).not.toContain('takes it up now')
  expect((await system.oc(['task', 'add', '--goal', 'Another', '--backlog'])).stdout).toContain(
    'Turn the lane goal on',
  )
  await system.oc(['stop'])
  expect(await run.ended).toMatchObject({ code: 0, stderr: '' })

  // Nobody can take it further: a person is waited for, and not for an hour.
  expect(await system.run()).toMatchObject({ code: 10, stderr: '' })

  system.write('oc-supervise.yaml', MANIFEST)
  const again = system.start(['run'])
  await system.untilState(task, 'Cancelled')
  await untilStatus(system, ({ attention }) => attention.length === 0, 'nothing wants a person')
  again.signal('SIGTERM')
  await again.ended
}, 90_000)
