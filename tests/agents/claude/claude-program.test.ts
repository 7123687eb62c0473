import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentType } from '../../../src/agents/agent-types.ts'
import { runLaunch } from '../run-launch.ts'

const agent = agentType('claude')
const SESSION = '.claude/projects/-w-att-0/abc.jsonl'

test('the prompt arrives whole by standard input, and what it wrote is judged', async () => {
  const prompt = 'Say "hello"; $(rm -rf ~)\nin hello.txt'
  const { workspace, judged, exitCode } = await runLaunch(agent, 'fake-claude', {
    prompt,
    config: { model: 'opus', maxTurns: 5 },
    request: { resume: { sessionId: SESSION }, restricted: true },
    homeFiles: { [SESSION]: '{}' },
  })
  expect(exitCode).toBe(0)
  expect(readFileSync(join(workspace, 'hello.txt'), 'utf8')).toBe(prompt)
  expect(judged).toMatchObject({
    success: true,
    sessionId: `.claude/projects/${workspace.replaceAll(/[^A-Za-z0-9]/g, '-')}/forked-1.jsonl`,
    toolCalls: 1,
    usage: { usd: 0.5 },
  })
})

test('a refusal with exit 0 is none of its successes', async () => {
  const { judged, exitCode } = await runLaunch(agent, 'fake-claude', {
    prompt: 'refuse: Credit balance is too low',
  })
  expect(exitCode).toBe(0)
  expect(judged).toMatchObject({ success: false, failure: { class: 'quota_exhausted' } })
})
