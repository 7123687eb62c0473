import { expect, test } from 'vitest'
import { makeKey, makeSystem } from './support/system.ts'

const PROJECT = { 'server.conf': 'port = none\n' }

const manifest = (lane: string, agents: string): string => `version: 1
name: turns
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: [{name: port, run: "grep -q 8080 server.conf"}], merge: auto}
agents:
${agents}
lanes:
  goal: ${lane}
  review: {}
gates:
  operators:
    ada: {ssh_key_file: ada.pub}
`

const systemOf = (lane: string, agents: string, scripts: Record<string, string>) => {
  const system = makeSystem(manifest(lane, agents), PROJECT, scripts)
  makeKey(system.dir, 'ada')
  return system
}

/** Asks for the port in the words of its prompt, and knows it once somebody said. */
const ASKS = `#!/bin/sh
prompt=$(cat)
case $prompt in
  *8080*) echo 'port = 8080' >server.conf ;;
  *) printf '%s Which port?\\n' "$(printf '%s' "$prompt" | grep -o 'QUESTION-[0-9a-f]*:' | head -1)" ;;
esac
`

test('an agent that asks waits for a person; the answer goes into its next attempt', async () => {
  const system = systemOf('{agent: shy, max_attempts: 1}', '  shy: {type: command, command: [./shy.sh]}', {
    'shy.sh': ASKS,
  })
  const id = await system.addTask('Set the port.')
  expect(await system.run()).toMatchObject({ code: 10 })
  expect(await system.task(id)).toMatchObject({ state: 'Blocked' })
  const { stdout } = await system.oc(['explain', id])
  expect(stdout).toContain('awaiting_input: the agent asks: Which port?')
  expect(stdout).toContain(`oc-supervise task answer ${id}`)

  expect(await system.oc(['task', 'answer', id, '--text', '8080'])).toMatchObject({ code: 0 })
  const again = await system.run()
  expect(again, again.stderr).toMatchObject({ code: 0 })
  expect(await system.task(id)).toMatchObject({ state: 'Done' })
  expect(system.show('server.conf')).toBe('port = 8080')
}, 60_000)

test('where the agent cannot be had, its fallback stands in and the record says so', async () => {
  const system = systemOf(
    '{agent: gone, fallback: [there]}',
    '  gone: {type: command, command: [no-such-agent]}\n  there: {type: command, command: [./there.sh]}',
    { 'there.sh': "#!/bin/sh\necho 'port = 8080' >server.conf\n" },
  )
  const id = await system.addTask('Set the port.')
  const run = await system.run()
  expect(run, run.stderr).toMatchObject({ code: 0 })
  expect(run.stdout).toContain(`${id}  attempt 2: there stands in for gone`)
  const { runs } = await system.json<{ runs: { id: string }[] }>(['runs', 'list'])
  const shown = await system.oc(['runs', 'show', runs[0]?.id ?? ''])
  expect(shown.stdout).toContain('there')
}, 60_000)
