import { describe, expect, test } from 'vitest'
import { CODEX_FAILURES, CODEX_START_FAILURES } from '../../../src/agents/codex/codex-failures.ts'
import { codexAgent } from '../../../src/agents/codex.ts'
import { agentConfig, agentRequest, keeperExit } from '../agent-fixture.ts'
import { metered, meteredSession } from '../metered.ts'
import { judgeAll, recordedRun, unmetRows } from '../recorded-run.ts'
import { streamsOf } from '../recorded-stream.ts'

const NOON = Date.parse('2026-11-20T12:00:00Z')
const judge = (name: string) => {
  const { streams, exit } = recordedRun('codex', name)
  return codexAgent.judge(streams, exit, NOON)
}

describe('judge', () => {
  test('an edit: success, its tokens, its session and its last message', () =>
    expect(judge('edit')).toEqual({
      success: true,
      failure: null,
      retryAtMs: null,
      usage: { inputTokens: 2000, cachedInputTokens: 400, outputTokens: 100, usd: null },
      sessionId: '01a1f94b-99c6-73b0-89e4-804519a4d3f2',
      recorded: false,
      summary: 'Wrote hello.txt.',
      toolCalls: 1,
    }))

  test.each([
    ['auth', 'auth'],
    ['no-key', 'auth'],
    ['payment-required', 'quota_exhausted'],
    ['quota', 'quota_exhausted'],
    ['usage-limit', 'quota_exhausted'],
    ['rate-limited', 'rate_limited'],
    ['rate-limited-waiting', 'rate_limited'],
    ['server-error', 'model_error'],
    ['overloaded', 'model_error'],
    ['dropped', 'model_error'],
    ['cut-short', 'model_error'],
    ['bad-request', 'model_error'],
    ['forbidden', 'model_error'],
    ['context', 'context_limit'],
    ['unknown-model', 'dependency_missing'],
    ['unknown-session', 'infra_tooling'],
    ['untrusted', 'infra_tooling'],
    ['bad-configuration', 'infra_tooling'],
  ] as const)('%s is %s', (name, failureClass) => {
    const judged = judge(name)
    expect(judged.success).toBe(false)
    expect(judged.failure?.class).toBe(failureClass)
  })

  test.each(['failed-tool', 'recovered', 'patch', 'resume'])(
    '%s succeeds: a tool or a request may fail on the way',
    (name) => expect(judge(name)).toMatchObject({ success: true, failure: null, toolCalls: 1 }),
  )

  test('without a tool call and without tokens it only claims success', () =>
    expect(judge('nothing')).toMatchObject({ success: true, toolCalls: 0, usage: { outputTokens: 0 } }))

  test('cut off in the middle: neither success nor a failure of its own', () =>
    expect(judge('hang')).toMatchObject({ success: false, failure: null, summary: null }))

  test('the usage of a resumed thread counts from its beginning', () =>
    expect(judge('resume').usage).toMatchObject({ inputTokens: 4000, outputTokens: 200 }))

  test('a usage limit says when it is over, in local time', () => {
    expect(judge('usage-limit').retryAtMs).toBe(new Date(NOON).setHours(15, 14, 0, 0) + DAY_IF_PAST)
    expect(judge('usage-limit-later').retryAtMs).toBe(new Date(2026, 10, 22, 21, 46).getTime())
  })

  test('only its last error counts, and never what its tools or the model say', () => {
    const prose = [
      '{"type":"item.completed","item":{"id":"item_1","type":"agent_message","text":"unexpected status 401 Unauthorized"}}',
      '{"type":"item.completed","item":{"id":"item_2","type":"error","message":"You’ve hit your usage limit."}}',
      '{"type":"turn.failed","error":{"message":"something new"}}',
    ].join('\n')
    const judged = codexAgent.judge(streamsOf(prose), keeperExit({ exitCode: 1 }), NOON)
    expect(judged.failure).toMatchObject({ class: 'model_error', reason: 'the agent reports: something new' })
  })

  test('every row of its tables was met by a recorded run', () => {
    const runs = judgeAll(codexAgent, NOON)
    expect(unmetRows([...CODEX_FAILURES, ...CODEX_START_FAILURES], runs)).toEqual([])
  })
})

/** 15:14 is over already where noon UTC is a later hour. */
const DAY_IF_PAST = new Date(NOON).setHours(15, 14, 0, 0) > NOON ? 0 : 86_400_000

describe('meter', () => {
  test.each([
    [
      'edit',
      {
        inputTokens: 2000,
        cachedInputTokens: 400,
        outputTokens: 100,
        turns: 1,
        toolCalls: 1,
        novelResults: 1,
        terminal: 'success',
      },
    ],
    ['patch', { toolCalls: 1, novelResults: 1, terminal: 'success' }],
    ['rate-limited', { toolCalls: 0, terminal: 'failure' }],
    ['rate-limited-waiting', { toolCalls: 0, terminal: null }],
  ] as const)('%s', (name, reading) => expect(metered(codexAgent, name)).toMatchObject(reading))

  test.each(['session', 'session-resumed'])(
    '%s: its own file tells each answer, and no earlier one',
    (name) =>
      expect(meteredSession(codexAgent, name)).toMatchObject({
        inputTokens: 2400,
        cachedInputTokens: 400,
        outputTokens: 68,
        turns: 0,
        terminal: null,
      }),
  )
})

describe('compose', () => {
  const request = agentRequest({ program: ['/opt/codex'] })
  const config = (overrides = {}) => agentConfig({ type: 'codex', command: [], ...overrides })
  const toml = (overrides = {}, asked = request) =>
    codexAgent.compose(config(overrides), asked).homeFiles['.codex/config.toml'] ?? ''

  test('the prompt goes by standard input, with the events as JSON', () => {
    const launch = codexAgent.compose(config(), request)
    expect(launch.argv).toEqual([
      '/opt/codex',
      'exec',
      '--json',
      '--dangerously-bypass-approvals-and-sandbox',
      '-',
    ])
    expect(launch.stdinFile).toBe(request.promptFile)
  })

  test('a session is gone on with by its id', () =>
    expect(codexAgent.compose(config(), { ...request, resume: { sessionId: 's-1' } }).argv).toEqual([
      '/opt/codex',
      'exec',
      'resume',
      '--json',
      '--dangerously-bypass-approvals-and-sandbox',
      's-1',
      '-',
    ]))

  test('a provider of its own names the variable of the key, and hides it from the tools', () => {
    const text = toml({
      model: 'm-1',
      baseUrl: 'http://127.0.0.1:8080/v1',
      secrets: { MY_KEY: { env: 'X' } },
    })
    expect(text).toContain('model = "m-1"\nmodel_provider = "oc-supervise"')
    expect(text).toContain(
      'base_url = "http://127.0.0.1:8080/v1"\nenv_key = "MY_KEY"\nwire_api = "responses"',
    )
    expect(text).toContain('exclude = ["MY_KEY"]')
  })

  test('with the login of its own program it keeps its own provider', () =>
    expect(toml({ inheritsLogin: true })).not.toContain('model_provider'))

  test('work of untrusted authors gets no web search', () => {
    expect(toml()).not.toContain('web_search')
    expect(toml({}, { ...request, restricted: true })).toContain('web_search = "disabled"')
  })
})
