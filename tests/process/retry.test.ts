import { expect, test } from 'vitest'
import { plainManifest } from './support/plain-manifest.ts'
import { makeSystem } from './support/system.ts'

const IDLE = '#!/bin/sh\necho run >>"$(dirname "$0")/ran"\n'

test('work of which nothing came is done again once when a person retries it, and only then', async () => {
  const system = makeSystem(
    plainManifest(
      'again',
      `agents: {idle: {type: command, command: [./idle.sh], timeout: 1m}}
lanes: {goal: {agent: idle, poll_interval: 200ms, retry_delay: 50ms}, review: {}}
`,
    ),
    {},
    { 'idle.sh': IDLE },
  )
  const id = await system.addTask('Say hello.')
  const runs = async (): Promise<string> => {
    expect((await system.run()).code).toBe(3)
    expect(await system.task(id)).toMatchObject({ state: 'Blocked', reason: 'the agent changed nothing' })
    return system.read('ran')
  }
  expect(await runs()).toBe('run\n')
  expect((await system.oc(['task', 'retry', id])).code).toBe(0)
  expect(await runs()).toBe('run\n'.repeat(2))
}, 60_000)
