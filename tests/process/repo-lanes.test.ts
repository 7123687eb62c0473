import { expect, test } from 'vitest'
import { makeSystem } from './support/system.ts'

const MANIFEST = `version: 1
name: lanes
state_dir: state
sandbox: off
agents:
  fails: {type: command, command: [./fails.sh]}
  works: {type: command, command: [./works.sh], auth: {env: PASS_PHRASE}}
  sleeps: {type: command, command: [sleep, '300']}
lanes:
  goal: {agent: fails, max_attempts: 2, retry_delay: 0s, poll_interval: 1s, concurrency: 4}
  review: {}
gates: {signing: optional}
repos:
  plain: {url: remote.git, checks: ["true"], merge: auto}
  other: {url: remote.git, checks: ["true"], merge: auto, lanes: {goal: {agent: works}}}
  once: {url: remote.git, checks: ["true"], merge: auto, lanes: {goal: {max_attempts: 1}}}
  brief: {url: remote.git, checks: ["true"], merge: auto, lanes: {goal: {agent: sleeps, timeout: 1s, max_attempts: 1}}}
`

const FAILS = `#!/bin/sh
echo "$OC_SUPERVISE_TASK" >>"$(dirname "$0")/failed"
exit 3
`
const WORKS = `#!/bin/sh
echo "\${#PASS_PHRASE} characters" >"$OC_SUPERVISE_TASK.txt"
`

test('repos.X.lanes.L wins over lanes.L and the agent, for its repository alone', async () => {
  const system = makeSystem(MANIFEST, {}, { 'fails.sh': FAILS, 'works.sh': WORKS })
  const add = (repo: string) => system.addTask('Do it', '--repo', repo)
  const [plain, other, once, brief] = [
    await add('plain'),
    await add('other'),
    await add('once'),
    await add('brief'),
  ]
  const ran = await system.run({ env: { PASS_PHRASE: 'open sesame' } })
  expect(ran.code, ran.stderr).toBe(3)

  expect((await system.task(other)).state).toBe('Done')
  expect(system.show(`${other}.txt`)).toBe('11 characters')
  const failed = system.read('failed').trim().split('\n')
  expect(failed.filter((task) => task === plain)).toHaveLength(2)
  expect(failed.filter((task) => task === once)).toHaveLength(1)
  expect(failed).toHaveLength(3)
  expect(await system.task(brief)).toMatchObject({
    state: 'Blocked',
    reason: expect.stringMatching(/wall-clock limit/),
  })

  const { runs } = await system.json<{ runs: { id: string; task: string }[] }>(['runs', 'list'])
  const run = runs.find(({ task }) => task === other)?.id ?? ''
  const shown = await system.oc(['manifest', 'show', '--effective'])
  expect(shown.stdout).toMatch(/repos\.once\.lanes\.goal\.max_attempts: 1 +# line \d+/)
  expect(system.read(`state/lanes/runs/${run}/att-${other.slice(5)}-1/decision.json`)).toContain(
    'repos.other.lanes.goal.agent names works',
  )
}, 90_000)
