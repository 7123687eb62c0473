import { describe, expect, test } from 'vitest'
import { GEMINI_EXITS, GEMINI_FAILURES } from '../../src/agents/gemini/gemini-failures.ts'
import { geminiAgent } from '../../src/agents/gemini.ts'
import { agentConfig, agentRequest, keeperExit } from './agent-fixture.ts'
import { metered, meteredSession } from './metered.ts'
import { judgeAll, recordedRun, unmetRows } from './recorded-run.ts'
import { streamsOf } from './recorded-stream.ts'

const NOON = Date.parse('2026-11-20T12:00:00Z')
const judge = (name: string) => {
  const { streams, exit } = recordedRun('gemini', name)
  return geminiAgent.judge(streams, exit, NOON)
}

describe('judge', () => {
  test('an edit: success, its tokens, its session and its last message', () =>
    expect(judge('edit')).toEqual({
      success: true,
      failure: null,
      retryAtMs: null,
      usage: { inputTokens: 2000, cachedInputTokens: 400, outputTokens: 100, usd: null },
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      recorded: false,
      summary: 'Wrote hello.txt.',
      toolCalls: 1,
    }))

  test.each([
    ['auth', 'auth'],
    ['wrong-key', 'auth'],
    ['forbidden', 'auth'],
    ['no-key', 'auth'],
    ['payment-required', 'quota_exhausted'],
    ['quota', 'quota_exhausted'],
    ['quota-waiting', 'quota_exhausted'],
    ['rate-limited', 'rate_limited'],
    ['rate-limited-waiting', 'rate_limited'],
    ['server-error', 'model_error'],
    ['server-error-waiting', 'model_error'],
    ['overloaded', 'model_error'],
    ['dropped', 'model_error'],
    ['broken-json', 'model_error'],
    ['no-connection', 'model_error'],
    ['empty', 'model_error'],
    ['safety', 'model_error'],
    ['bad-request', 'tool_failure'],
    ['context', 'context_limit'],
    ['unknown-model', 'dependency_missing'],
    ['loop', 'no_progress'],
    ['untrusted', 'infra_tooling'],
    ['unknown-session', 'infra_tooling'],
  ] as const)('%s is %s', (name, failureClass) => {
    const judged = judge(name)
    expect(judged.success).toBe(false)
    expect(judged.failure?.class).toBe(failureClass)
  })

  test.each(['failed-tool', 'recovered', 'resume'])(
    '%s succeeds: a tool or a request may fail on the way',
    (name) => expect(judge(name)).toMatchObject({ success: true, failure: null, toolCalls: 1 }),
  )

  test('cut off in the middle: neither success nor a failure of its own', () =>
    expect(judge('hang')).toMatchObject({ success: false, failure: null, usage: null }))

  test('a resumed session counts its own tokens only', () =>
    expect(judge('resume').usage).toMatchObject({ inputTokens: 2000, outputTokens: 100 }))

  test('a quota it silently waits for says when it is over', () =>
    expect(judge('quota-waiting').retryAtMs).toBe(NOON + (3600 + 2 * 60 + 3) * 1000))

  test('a limit that it waits for, told on two lines, is one (regression: it was taken for silence)', () => {
    const said =
      'Attempt 1 failed: You exceeded your current quota, please check your plan and billing details.\nSuggested retry after 60s.. Retrying after 64103ms...\n'
    const judged = geminiAgent.judge(
      streamsOf('{"type":"init","session_id":"s"}\n', said),
      keeperExit(),
      NOON,
    )
    expect([judged.failure?.class, judged.retryAtMs]).toEqual(['rate_limited', NOON + 60_000])
  })

  test('exit 0 with a result but no answer is no success', () => {
    const stream = '{"type":"init","session_id":"s"}\n{"type":"result","status":"success","stats":{}}'
    expect(geminiAgent.judge(streamsOf(stream), keeperExit(), NOON)).toMatchObject({
      success: false,
      failure: { class: 'model_error' },
    })
  })

  test.each(Object.entries(GEMINI_EXITS))(
    'exit %s without a result has its class',
    (code, [failureClass]) => {
      const judged = geminiAgent.judge(streamsOf(''), keeperExit({ exitCode: Number(code) }), NOON)
      expect(judged.failure?.class).toBe(failureClass)
    },
  )

  test('what tools and the model say decides nothing', () => {
    const prose = [
      '{"type":"tool_result","tool_id":"t","status":"error","output":"[API Error: terminated]"}',
      '{"type":"message","role":"assistant","content":"Loop detected, stopping execution","delta":true}',
      '{"type":"result","status":"success","stats":{}}',
    ].join('\n')
    expect(geminiAgent.judge(streamsOf(prose), keeperExit(), NOON)).toMatchObject({
      success: true,
      failure: null,
    })
  })

  test('every row of its table was met by a recorded run', () =>
    expect(unmetRows(GEMINI_FAILURES, judgeAll(geminiAgent, NOON))).toEqual([]))
})

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
    ['auth', { toolCalls: 0, terminal: 'failure' }],
    ['quota-waiting', { toolCalls: 0, terminal: null }],
  ] as const)('%s', (name, reading) => expect(metered(geminiAgent, name)).toMatchObject(reading))

  test.each(['session', 'session-resumed'])(
    '%s: its own file tells each answer, and no earlier one',
    (name) =>
      expect(meteredSession(geminiAgent, name)).toMatchObject({
        inputTokens: 2400,
        cachedInputTokens: 400,
        outputTokens: 68,
        turns: 0,
        terminal: null,
      }),
  )
})

describe('compose', () => {
  const request = agentRequest({ program: ['/opt/gemini'] })
  const compose = (overrides = {}, asked = request) =>
    geminiAgent.compose(agentConfig({ type: 'gemini', command: [], ...overrides }), asked)
  const settings = (overrides = {}, asked = request) =>
    JSON.parse(compose(overrides, asked).homeFiles['.gemini/settings.json'] ?? '')

  test('the prompt goes by standard input; it trusts the workspace and is one process', () => {
    const launch = compose({ model: 'm-1', baseUrl: 'http://127.0.0.1:8080' })
    expect(launch.argv).toEqual([
      '/opt/gemini',
      '--output-format',
      'stream-json',
      '--approval-mode',
      'yolo',
      '--model',
      'm-1',
    ])
    expect(launch.stdinFile).toBe(request.promptFile)
    expect(launch.env).toEqual({
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_CLI_NO_RELAUNCH: 'true',
      GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:8080',
    })
  })

  test('a session of an earlier attempt lies where this workspace looks for it', () => {
    const launch = compose({}, { ...request, resume: { sessionId: 's-1' } })
    expect(launch.argv.slice(-2)).toEqual(['--resume', 's-1'])
    expect(launch.homeFiles).toMatchObject({
      '.gemini/projects.json': '{"projects":{"/w/att-1":"workspace"}}',
      '.gemini/tmp/workspace/.project_root': '/w/att-1',
    })
  })

  test.each([
    [{ secrets: { GEMINI_API_KEY: { env: 'K' } } }, 'gemini-api-key'],
    [{ secrets: { GOOGLE_API_KEY: { env: 'K' } } }, 'vertex-ai'],
    [{ inheritsLogin: true }, 'oauth-personal'],
  ])('how it logs in: %j', (overrides, kind) =>
    expect(settings(overrides).security.auth.selectedType).toBe(kind),
  )

  test('its tools do not see its key', () =>
    expect(
      settings({ secrets: { GEMINI_API_KEY: { env: 'K' } } }).security.environmentVariableRedaction,
    ).toEqual({
      enabled: true,
      blocked: ['GEMINI_API_KEY'],
    }))

  test('work of untrusted authors gets no web and nobody’s servers', () => {
    const restricted = { ...request, restricted: true }
    expect(settings({}, restricted).tools).toEqual({ exclude: ['web_fetch', 'google_web_search'] })
    expect(compose({}, restricted).argv).toContain('--allowed-mcp-server-names')
  })
})
