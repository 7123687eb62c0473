import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentType } from '../../../src/agents/agent-types.ts'
import { runLaunch } from '../run-launch.ts'

const agent = agentType('opencode')

test('the prompt arrives whole by standard input, the configuration in its HOME, and its events are judged', async () => {
  const prompt = 'Say "hello world"\nin hello.txt'
  const { workspace, judged } = await runLaunch(agent, 'fake-opencode', {
    prompt,
    config: { model: 'local/m', baseUrl: 'http://127.0.0.1:9' },
    request: { resume: { sessionId: 'ses_1' } },
  })
  expect(readFileSync(join(workspace, 'hello.txt'), 'utf8')).toBe(prompt)
  expect(judged).toMatchObject({ success: true, sessionId: 'ses_1', toolCalls: 1, usage: { usd: 0.5 } })
})

test('an error it reports', async () => {
  const { judged, exitCode } = await runLaunch(agent, 'fake-opencode', { prompt: 'fail: ProviderAuthError' })
  expect(exitCode).toBe(1)
  expect(judged).toMatchObject({ success: false, failure: { class: 'auth' } })
})
