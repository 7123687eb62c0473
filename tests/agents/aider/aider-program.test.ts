import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentType } from '../../../src/agents/agent-types.ts'
import { asUser, userCanRead } from '../../support/as-user.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'
import { runLaunch } from '../run-launch.ts'

const agent = agentType('aider')

test('what it leaves in the repository beside its work is removed', async () => {
  const { workspace, home, judged, stderr } = await runLaunch(agent, 'fake-aider', { prompt: 'Say hello' })
  expect(stderr).toBe('')
  expect(readdirSync(workspace)).toEqual(['hello.txt'])
  expect(readFileSync(join(home, '.aider.chat.history.md'), 'utf8')).toBe('# aider chat')
  expect(judged).toMatchObject({ success: true, toolCalls: 1, usage: { inputTokens: 1200 } })
})

const CLOSED = join(import.meta.dirname, '../../fixtures/closed-cache.ts')
test.runIf(userCanRead(CLOSED))(
  'also where it is closed to an ordinary user; the end is the program’s own',
  () => {
    const came = asUser(CLOSED, makeTempDir('closed-cache'))
    expect(came.uid).not.toBe(0)
    expect(came).toMatchObject({ status: 3, stderr: '', left: [] })
  },
)

test('its exit code is passed on', async () => {
  const { judged, exitCode } = await runLaunch(agent, 'fake-aider', { prompt: 'exit: 3' })
  expect(exitCode).toBe(3)
  expect(judged).toMatchObject({ success: false, failure: { class: 'tool_failure' } })
})

test('a signal ends it, and is passed on', async () => {
  const { workspace, exitCode } = await runLaunch(agent, 'fake-aider', {
    prompt: 'wait',
    during: async ({ stdout, terminate }) => {
      await until(() => stdout().includes('Applied edit'))
      terminate()
    },
  })
  expect(exitCode).toBe(143)
  expect(readdirSync(workspace)).toEqual(['hello.txt'])
})

test('a program that is not there', async () => {
  const { exitCode, stderr } = await runLaunch(agent, 'fake-aider', {
    prompt: 'x',
    request: { program: ['/nowhere/aider'] },
  })
  expect(exitCode).toBe(127)
  expect(stderr).toContain('/nowhere/aider could not be started')
})
