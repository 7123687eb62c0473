import { expect, test } from 'vitest'
import { plainManifest } from './support/plain-manifest.ts'
import { makeSystem } from './support/system.ts'

/** Its tool ends every process of its kind, itself among them. */
const ENDS_ITSELF = `#!/bin/sh
echo run >>"$(dirname "$0")/ran"
kill -TERM $$
sleep 60
`

test('an agent that ends itself is not run for ever: the second time in a row it has failed', async () => {
  const system = makeSystem(
    plainManifest(
      'own',
      `agents: {fells: {type: command, command: [./fells.sh], timeout: 1m}}
lanes: {goal: {agent: fells, max_attempts: 2, poll_interval: 200ms, retry_delay: 50ms}, review: {}}
`,
    ),
    {},
    { 'fells.sh': ENDS_ITSELF },
  )
  const id = await system.addTask('Say hello.')
  expect((await system.run()).code).toBe(3)
  expect(await system.task(id)).toMatchObject({
    state: 'Blocked',
    reason: expect.stringContaining('ended by SIGTERM, and the run before it by SIGTERM'),
  })
  expect(system.read('ran')).toBe('run\n'.repeat(3))
  expect(await system.json(['spend'])).toMatchObject({ total: { runs: 3 } })
}, 60_000)
