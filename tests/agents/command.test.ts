import { describe, expect, test } from 'vitest'
import { agentType } from '../../src/agents/agent-types.ts'
import { agentConfig, agentRequest, keeperExit } from './agent-fixture.ts'
import { streamsOf } from './recorded-stream.ts'

const agent = agentType('command')
const request = agentRequest({
  task: { id: 'task-1', title: 'A; rm -rf "$HOME"' },
  attempt: 2,
  workspace: '/w/{task}',
  promptFile: '/p/a b',
})

describe('compose', () => {
  test('placeholders are replaced inside their element, once, and never split it', () => {
    const config = agentConfig({
      command: ['tool', '--in={prompt_file}', '{workspace}', '{task}{task}', '{other}'],
    })
    expect(agent.compose(config, request).argv).toEqual([
      'tool',
      '--in=/p/a b',
      '/w/{task}',
      'task-1task-1',
      '{other}',
    ])
  })

  test.each([
    ['stdin', '/p/a b'],
    ['file', null],
  ] as const)('prompt by %s', (prompt, stdinFile) =>
    expect(agent.compose(agentConfig({ prompt }), request).stdinFile).toBe(stdinFile),
  )

  test('its environment holds the profile’s values and facts about the attempt', () => {
    const { env } = agent.compose(agentConfig({ env: { A: '1' }, model: 'm-1' }), request)
    expect(env).toEqual({
      A: '1',
      OC_SUPERVISE_MODEL: 'm-1',
      OC_SUPERVISE_TASK: 'task-1',
      OC_SUPERVISE_ATTEMPT: '2',
      OC_SUPERVISE_PROMPT_FILE: '/p/a b',
    })
  })
})

describe('judge', () => {
  test.each([
    [0, true, null],
    [1, false, 'tool_failure'],
    [126, false, 'dependency_missing'],
    [127, false, 'dependency_missing'],
  ] as const)('exit %s', (exitCode, success, failure) => {
    const judged = agent.judge(streamsOf(''), keeperExit({ exitCode }), 0)
    expect(judged).toMatchObject({ success, recorded: false, usage: null })
    expect(judged.failure?.class ?? null).toBe(failure)
  })

  test('without a record nothing is claimed', () =>
    expect(agent.judge(streamsOf('', 'all fine'), null, 0)).toMatchObject({ success: false, failure: null }))

  test('the excerpt is the bounded end of its error channel, without escapes', () => {
    const stderr = `${'x'.repeat(10_000)}\n\u001b[31mfatal:\u0007 no key\u001b[0m\n`
    const { failure } = agent.judge(streamsOf('', stderr), keeperExit({ exitCode: 1 }), 0)
    expect(failure?.excerpt).toMatch(/x\nfatal: no key$/)
    expect(failure?.excerpt?.length).toBeLessThanOrEqual(4000)
  })
})
