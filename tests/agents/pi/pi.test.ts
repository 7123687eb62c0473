import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { classifyRun } from '../../../src/agents/classify.ts'
import { judgeRun } from '../../../src/agents/judge-run.ts'
import { PI_FAILURES, PI_START_FAILURES } from '../../../src/agents/pi/pi-failures.ts'
import { piAgent } from '../../../src/agents/pi.ts'
import { agentConfig, agentRequest, keeperExit } from '../agent-fixture.ts'
import { metered } from '../metered.ts'
import { judgeAll, recordedRun, unmetRows } from '../recorded-run.ts'
import { streamsOf } from '../recorded-stream.ts'

const NOON = Date.parse('2026-11-20T12:00:00Z')
const judge = (name: string) => {
  const { streams, exit } = recordedRun('pi', name)
  return piAgent.judge(streams, exit, NOON)
}

describe('judge', () => {
  test.each([10, 12])(
    'stopped for silence after line %i, between a retry and its answer: what it was refused for is the cause',
    (lines) => {
      const { streams } = recordedRun('pi', 'rate-limited')
      const said = readFileSync(streams.stdout.file, 'utf8').split('\n').slice(0, lines)
      const exit = keeperExit({ exitCode: 143, stopReason: 'idle' })
      const outcome = classifyRun({
        exit,
        judgement: judgeRun(piAgent, streamsOf(`${said.join('\n')}\n`), exit, NOON),
        agent: { price: null, covered: false },
        usedBefore: null,
        version: null,
        containment: { level: 'swept', sandbox: 'off' },
        startedAtMs: NOON,
        endedAtMs: NOON,
      })
      expect(outcome).toMatchObject({ failure: { class: 'rate_limited' }, retryAtMs: NOON + 20_000 })
    },
  )

  test('an edit: success, the sum of its messages, its session and its last message', () =>
    expect(judge('edit')).toEqual({
      success: true,
      failure: null,
      retryAtMs: null,
      usage: { inputTokens: 2000, cachedInputTokens: 400, outputTokens: 100, usd: null },
      sessionId: '01a1f951-75be-7246-8514-d4b5a6065c35',
      recorded: false,
      summary: 'Wrote hello.txt.',
      toolCalls: 1,
    }))

  test.each([
    ['auth', 'auth'],
    ['forbidden', 'auth'],
    ['no-key', 'auth'],
    ['payment-required', 'quota_exhausted'],
    ['quota', 'quota_exhausted'],
    ['usage-limit', 'quota_exhausted'],
    ['rate-limited', 'rate_limited'],
    ['server-error', 'model_error'],
    ['dropped', 'model_error'],
    ['no-connection', 'model_error'],
    ['bad-request', 'tool_failure'],
    ['context', 'context_limit'],
    ['cut-off', 'context_limit'],
    ['unknown-model', 'dependency_missing'],
    ['unknown-provider', 'dependency_missing'],
    ['unknown-session', 'infra_tooling'],
  ] as const)('%s is %s, though it exits 0 for most of them', (name, failureClass) => {
    const judged = judge(name)
    expect(judged.success).toBe(false)
    expect(judged.failure?.class).toBe(failureClass)
  })

  test.each(['failed-tool', 'recovered', 'resume'])(
    '%s succeeds: a tool or a request may fail on the way',
    (name) => expect(judge(name)).toMatchObject({ success: true, failure: null, toolCalls: 1 }),
  )

  test('without a tool call and without tokens it only claims success', () =>
    expect(judge('nothing')).toMatchObject({ success: true, toolCalls: 0, usage: { outputTokens: 0 } }))

  test('cut off in the middle: neither success nor a failure of its own', () =>
    expect(judge('hang')).toMatchObject({ success: false, failure: null }))

  test('a rate limit says when it is over', () => expect(judge('rate-limited').retryAtMs).toBe(NOON + 20_000))

  test('dollars are added up where it knows the price', () => {
    const message = (usd: number) =>
      `{"type":"message_end","message":{"role":"assistant","usage":{"input":10,"output":1,"cost":{"total":${usd}}}}}`
    const judged = piAgent.judge(streamsOf(`${message(0.25)}\n${message(0.5)}`), keeperExit(), NOON)
    expect(judged.usage).toEqual({ inputTokens: 20, cachedInputTokens: 0, outputTokens: 2, usd: 0.75 })
  })

  test('a turn that was begun again is not over', () => {
    const turn = '{"type":"turn_end","message":{"stopReason":"stop","content":[]}}\n{"type":"turn_start"}'
    expect(piAgent.judge(streamsOf(turn), keeperExit(), NOON).success).toBe(false)
  })

  test('every row of its tables was met by a recorded run', () => {
    const runs = judgeAll(piAgent, NOON)
    expect(unmetRows([...PI_FAILURES, ...PI_START_FAILURES], runs)).toEqual([])
  })
})

describe('meter', () => {
  test.each([
    [
      'edit',
      {
        inputTokens: 2000,
        cachedInputTokens: 400,
        outputTokens: 100,
        turns: 2,
        toolCalls: 1,
        novelResults: 1,
        terminal: 'success',
      },
    ],
    ['recovered', { toolCalls: 1, terminal: 'success' }],
    ['rate-limited', { toolCalls: 0, terminal: 'failure' }],
    ['hang', { toolCalls: 0, terminal: null }],
  ] as const)('%s', (name, reading) => expect(metered(piAgent, name)).toMatchObject(reading))
})

describe('what it waits for without a word in its stream', () => {
  const stopped = keeperExit({ exitCode: null, signal: 'SIGTERM', stopReason: 'idle' })
  const log = (end: string) =>
    `[log_8a8fce, request-id: "r-1"] post http://127.0.0.1:1/v1/chat/completions ${end}\n`
  const refused = log('failed with status 429 in 62ms - retrying, 2 attempts remaining')
  const classOf = (stderr: string, exit = stopped) =>
    piAgent.judge(streamsOf('{"type":"turn_start"}\n', stderr), exit, 0).failure?.class ?? null

  test.each([
    ['a limit', refused, 'rate_limited'],
    [
      'a broken service',
      log('failed with status 503 in 9ms - retrying, 1 attempts remaining'),
      'model_error',
    ],
    ['an answer that came after all', refused + log('succeeded with status 200 in 5ms'), null],
    ['a request that is not made again', log('failed with status 400 in 5ms'), null],
    ['nothing', '', null],
  ])('%s', (_what, stderr, expected) => expect(classOf(stderr)).toBe(expected))

  test('who was not stopped has its own end', () => expect(classOf(refused, keeperExit())).toBeNull())
})

describe('compose', () => {
  const request = agentRequest({ program: ['/opt/pi'] })
  const compose = (overrides = {}, asked = request) =>
    piAgent.compose(agentConfig({ type: 'pi', command: [], ...overrides }), asked)

  test('the prompt goes by standard input, with the events as JSON, offline but for its model', () => {
    const launch = compose({ model: 'openai/gpt-x' })
    expect(launch.argv[1]).toMatch(/run-lean\.ts$/)
    expect(launch.argv.slice(2)).toEqual(['/opt/pi', '--mode', 'json', '--print', '--model', 'openai/gpt-x'])
    expect(launch).toMatchObject({
      stdinFile: request.promptFile,
      env: { PI_OFFLINE: '1' },
      homeFiles: {},
    })
  })

  test('a session is gone on with as a fork', () =>
    expect(compose({}, { ...request, resume: { sessionId: 's-1' } }).argv.slice(-2)).toEqual([
      '--fork',
      's-1',
    ]))

  test('with base_url it gets a provider that names the variable of the key, and the price', () => {
    const launch = compose({
      model: 'm-1',
      baseUrl: 'http://127.0.0.1:8080/v1',
      secrets: { MY_KEY: { env: 'X' } },
      price: { inputUsd: 3, cachedInputUsd: 1, outputUsd: 15 },
    })
    expect(launch.argv).toContain('oc-supervise')
    expect(JSON.parse(launch.homeFiles['.pi/agent/models.json'] ?? '').providers['oc-supervise']).toEqual({
      baseUrl: 'http://127.0.0.1:8080/v1',
      api: 'openai-completions',
      apiKey: 'MY_KEY',
      models: [{ id: 'm-1', cost: { input: 3, output: 15, cacheRead: 1, cacheWrite: 3 } }],
    })
  })

  test('work of untrusted authors starts none of the repository’s extensions', () =>
    expect(compose({}, { ...request, restricted: true }).argv).toContain('--no-extensions'))
})
