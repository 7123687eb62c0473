import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { isUp, pidsOf, untilStatus } from './support/live-status.ts'
import { plainManifest } from './support/plain-manifest.ts'
import { straysOf } from './support/product.ts'
import { makeSystem } from './support/system.ts'

const MANIFEST = plainManifest(
  'orphaned',
  `agents:
  slow: {type: command, command: [./slow.sh], timeout: 2m}
lanes:
  goal: {agent: slow, concurrency: 2}
  review: {}
supervision: {orphan_timeout: 12s}
`,
  'test -s done.txt',
)

/** Works until it is let go. */
const SLOW = `#!/bin/sh
here=$(dirname "$0")
echo started >>"$here/starts"
while [ ! -e "$here/go" ]; do sleep 0.1; done
echo done >done.txt
`

test('a lane whose supervisor is dead finishes what it holds, claims nothing, and ends itself in time', async () => {
  const system = makeSystem(MANIFEST, {}, { 'slow.sh': SLOW })
  const run = system.start(['run'])
  const held = await system.addTask('Make done.txt')
  const before = await untilStatus(
    system,
    (status) => isUp(status) && status.keepers.length === 1,
    'an agent works',
  )
  run.signal('SIGKILL')
  await run.ended
  const lost = await untilStatus(system, ({ supervisor }) => supervisor.proof === 'gone', 'it is dead')
  expect(pidsOf(lost)).toEqual(pidsOf(before))

  // There is a place for a second agent, and nobody takes it.
  const offered = await system.addTask('Make done.txt too')
  system.write('go', '')
  await system.untilState(held, 'Done')
  expect(system.show('done.txt')).toBe('done')

  await until(async () => (await straysOf(system.layout.root)).length === 0, {
    timeoutMs: 30_000,
    everyMs: 100,
    what: 'the lanes have ended themselves',
  })
  expect(await system.task(offered)).toMatchObject({ state: 'Ready' })
  expect(system.read('starts')).toBe('started\n')
}, 90_000)
