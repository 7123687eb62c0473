import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { untilStatus } from './support/live-status.ts'
import { plainManifest } from './support/plain-manifest.ts'
import { processesUnder } from './support/processes-under.ts'
import { makeSystem, type System } from './support/system.ts'

const MANIFEST = plainManifest(
  'move',
  `agents:
  slow: {type: command, command: [./slow.sh], timeout: 2m}
lanes:
  goal: {agent: slow, retry_delay: 0s, poll_interval: 1s}
  review: {}
`,
  'test -s done.txt',
)

/** Does not end when asked to; leaves half of its work at once, and a helper in a session of its own. */
const STUBBORN = `#!/bin/sh
trap '' TERM INT HUP
here=$(dirname "$0")
echo "$OC_SUPERVISE_ATTEMPT" >>"$here/starts"
echo half >half.txt
setsid sleep 300 &
while [ ! -e "$here/go" ]; do sleep 0.1; done
echo done >done.txt
`

const startsOf = (system: System): string[] => system.read('starts').trim().split('\n')

const savedRefs = (system: System): string[] =>
  execFileSync('git', ['--git-dir', system.layout.saved, 'for-each-ref', '--format=%(refname)', 'refs/saved'])
    .toString()
    .trim()
    .split('\n')
    .filter((ref) => ref.endsWith('/files'))

const working = async (system: System, times: number): Promise<void> => {
  await untilStatus(system, ({ keepers }) => keepers.length === 1, 'an agent works')
  await until(() => startsOf(system).length === times)
}

test('off Running the agent is stopped and proved dead, then the card stands where it was asked to, and may be claimed', async () => {
  const system = makeSystem(MANIFEST, {}, { 'slow.sh': STUBBORN })
  const run = system.start(['run'])
  const id = await system.addTask('Make done.txt')
  await working(system, 1)
  const workspaces = system.layout.workspaces

  expect(await system.oc(['task', 'move', id, 'Review'])).toMatchObject({ code: 1, stdout: '' })
  expect(await system.oc(['task', 'move', id, 'Blocked'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('needs a reason'),
  })
  expect(await system.json(['task', 'move', id, 'Backlog'])).toMatchObject({
    id,
    state: 'Running',
    told: 'MOVE',
    to: 'Backlog',
    consumer: 'supervisor',
  })
  const seen = await until(
    async () => {
      const { state } = await system.task(id)
      const agents = processesUnder(workspaces)
      // A card that has left Running while the agent lives could be claimed twice.
      if (state !== 'Running') return { state, agents }
      return false
    },
    { timeoutMs: 30_000, everyMs: 50, what: 'the card moves' },
  )
  expect(seen).toEqual({ state: 'Backlog', agents: [] })

  const saved = execFileSync('git', ['--git-dir', system.layout.saved, 'grep', 'half', ...savedRefs(system)])
  expect(saved.toString()).toContain('half.txt:half')

  expect(await system.oc(['task', 'move', id, 'Ready'])).toMatchObject({ code: 0 })
  await working(system, 2)
  expect(await system.oc(['task', 'move', id, 'Blocked', '--reason', 'wait for the spec'])).toMatchObject({
    code: 0,
  })
  await system.untilState(id, 'Blocked')
  expect((await system.task(id)).reason).toMatch(/^wait for the spec \(/)

  system.write('go', '')
  expect(await system.oc(['task', 'retry', id])).toMatchObject({ code: 0 })
  await system.untilState(id, 'Done')
  expect(startsOf(system)).toEqual(['1', '2', '3'])
  expect(system.show('done.txt')).toBe('done')
  expect(await system.oc(['stop'])).toMatchObject({ code: 0 })
  expect(await run.ended).toMatchObject({ code: 0, stderr: '' })
  expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
}, 120_000)

test('while nobody runs, the wish waits for the next run, which does not start the agent again', async () => {
  const system = makeSystem(MANIFEST, {}, { 'slow.sh': STUBBORN })
  const run = system.start(['run'])
  const id = await system.addTask('Make done.txt')
  await working(system, 1)
  run.signal('SIGTERM')
  await run.ended
  expect(await system.json(['task', 'move', id, 'Cancelled'])).toMatchObject({ consumer: 'next_run' })
  expect((await system.task(id)).state).toBe('Running')
  expect((await system.run()).code).toBe(0)
  expect((await system.task(id)).state).toBe('Cancelled')
  expect(startsOf(system)).toEqual(['1'])
}, 60_000)
