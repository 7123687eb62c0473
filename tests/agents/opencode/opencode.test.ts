import { describe, expect, test } from 'vitest'
import { agentType } from '../../../src/agents/agent-types.ts'
import {
  OPENCODE_ERRORS,
  OPENCODE_FAILURES,
  PROVIDER_CODES,
} from '../../../src/agents/opencode/opencode-failures.ts'
import { unservedKeys } from '../../../src/agents/unserved-keys.ts'
import { agentConfig, agentRequest, keeperExit } from '../agent-fixture.ts'
import { readMeter } from '../read-meter.ts'
import { recordedStream, streamsOf } from '../recorded-stream.ts'

const agent = agentType('opencode')
const NOW = Date.UTC(2026, 9, 7, 12)
const request = agentRequest({ program: ['/opt/opencode'] })

const judge = (file: string, values = {}, exitCode = 1, stderr = '') =>
  agent.judge(streamsOf(recordedStream(`opencode/${file}`, values), stderr), keeperExit({ exitCode }), NOW)

const configOf = (...args: Parameters<typeof agent.compose>) =>
  JSON.parse(agent.compose(...args).homeFiles['.config/opencode/opencode.json'] ?? '')

describe('compose', () => {
  test('the prompt by standard input, nothing that asks, updates or shares', () => {
    const launch = agent.compose(agentConfig(), request)
    expect(launch.argv).toEqual(['/opt/opencode', 'run', '--format', 'json', '--auto'])
    expect(launch.stdinFile).toBe(request.promptFile)
    expect(configOf(agentConfig(), request)).toEqual({
      $schema: 'https://opencode.ai/config.json',
      autoupdate: false,
      share: 'disabled',
      permission: { doom_loop: 'deny' },
    })
  })

  test('a model, an earlier session, an untrusted author', () => {
    const config = agentConfig({ model: 'anthropic/claude-sonnet-4-5' })
    const more = { ...request, resume: { sessionId: 'ses_1' }, restricted: true }
    expect(agent.compose(config, more).argv.slice(-4)).toEqual([
      '--model',
      'anthropic/claude-sonnet-4-5',
      '--session',
      'ses_1',
    ])
    expect(configOf(config, more)).toMatchObject({
      model: 'anthropic/claude-sonnet-4-5',
      small_model: 'anthropic/claude-sonnet-4-5',
      permission: { webfetch: 'deny', websearch: 'deny' },
    })
  })

  test.each([
    ['anthropic/x', 'anthropic/x', { anthropic: { options: { baseURL: 'http://m', apiKey: '{env:KEY}' } } }],
    [
      'local/qwen/3',
      'local/qwen/3',
      {
        local: {
          npm: '@ai-sdk/openai-compatible',
          name: 'local',
          options: { baseURL: 'http://m', apiKey: '{env:KEY}' },
          models: { 'qwen/3': {} },
        },
      },
    ],
    ['solo', 'custom/solo', { custom: expect.objectContaining({ models: { solo: {} } }) }],
    [null, 'custom/default', { custom: expect.objectContaining({ models: { default: {} } }) }],
  ])('a model of our own at an address: %s', (model, name, provider) => {
    const config = agentConfig({ model, baseUrl: 'http://m', secrets: { KEY: { env: 'MY_KEY' } } })
    expect(configOf(config, request)).toMatchObject({ model: name, provider })
    expect(agent.compose(config, request).argv).toContain(name)
  })
})

describe('a run that ends well', () => {
  test('usage is the sum of its steps', () =>
    expect(judge('success.ndjson', {}, 0)).toEqual({
      success: true,
      failure: null,
      summary: 'hello.txt now says hello.',
      sessionId: 'ses_1ea551140ffedVQFo35xGxPtJ8',
      recorded: false,
      retryAtMs: null,
      toolCalls: 1,
      usage: { inputTokens: 22_507, cachedInputTokens: 11_000, outputTokens: 183, usd: 0.0091 },
    }))

  test('a price it does not know is not free', () =>
    expect(judge('success-done.ndjson', {}, 0)).toMatchObject({ success: true, usage: { usd: null } }))

  test('what it recovered from is no failure', () =>
    expect(judge('compacted.ndjson', {}, 0)).toMatchObject({ success: true, failure: null }))

  test('its keeper reads every step', () => {
    expect(readMeter(agent, recordedStream('opencode/success.ndjson'))).toMatchObject({
      inputTokens: 22_507,
      cachedInputTokens: 11_000,
      outputTokens: 183,
      turns: 2,
      toolCalls: 1,
      novelResults: 1,
      terminal: null,
      inFlight: false,
    })
    expect(readMeter(agent, recordedStream('opencode/success-done.ndjson')).terminal).toBe('success')
  })
})

describe('failures by structure', () => {
  test.each(Object.entries(OPENCODE_ERRORS))('%s', (name, expected) =>
    expect(judge('named-error.ndjson', { name, message: 'x' })).toMatchObject({
      success: false,
      failure: { class: expected },
    }),
  )

  test.each(Object.entries(PROVIDER_CODES))('the provider’s own code %s', (code, expected) => {
    const values = { message: 'x', status: '429', body: JSON.stringify({ error: { code } }) }
    expect(judge('api-error.ndjson', values).failure?.class).toBe(expected)
  })

  test.each([
    ['401', 'auth'],
    ['402', 'quota_exhausted'],
    ['429', 'rate_limited'],
    ['500', 'model_error'],
    ['400', 'tool_failure'],
  ])('status %s', (status, expected) =>
    expect(judge('api-error.ndjson', { message: 'something new', status }).failure?.class).toBe(expected),
  )

  test.each([
    ['length', 'context_limit'],
    ['content-filter', 'tool_failure'],
    ['error', 'model_error'],
    ['tool-calls', 'model_error'],
  ])('a last step that ended with %s', (reason, expected) =>
    expect(judge('ended.ndjson', { reason }, 0)).toMatchObject({
      success: false,
      failure: { class: expected },
    }),
  )
})

describe('failures by their words, one recorded error a row', () => {
  const MESSAGES: ReadonlyArray<readonly [message: string, expected: string]> = [
    ['Your credit balance is too low to access the Anthropic API.', 'quota_exhausted'],
    ['You exceeded your current quota, please check your plan', 'quota_exhausted'],
    ['The usage limit has been reached', 'quota_exhausted'],
    ['Too Many Requests', 'rate_limited'],
    ['prompt is too long: 250000 tokens > 200000 maximum', 'context_limit'],
    ['Input exceeds context window of this model', 'context_limit'],
    ['Incorrect API key provided: dummy.', 'auth'],
    ['Overloaded', 'model_error'],
    ['Unable to connect. Is the computer able to access the url?', 'model_error'],
    ['Connection reset by server', 'model_error'],
    ['Session not found', 'infra_tooling'],
  ]

  test.each(MESSAGES)('%s', (message, expected) =>
    expect(judge('named-error.ndjson', { name: 'UnknownError', message })).toMatchObject({
      success: false,
      failure: { class: expected },
    }),
  )

  test('no row is without one', () =>
    expect(
      OPENCODE_FAILURES.filter(({ pattern }) => !MESSAGES.some(([message]) => pattern.test(message))),
    ).toEqual([]))

  test('before the first event, on its standard error', () =>
    expect(
      judge('cut-off.ndjson', {}, 1, '\u001b[91m\u001b[1mError: \u001b[0mSession not found\n'),
    ).toMatchObject({
      failure: { class: 'infra_tooling' },
    }))
})

describe('when it makes sense again', () => {
  const at = (values: Record<string, string>) =>
    judge('api-error.ndjson', { message: 'x', status: '429', ...values }).retryAtMs

  test.each([
    ['seconds', { after: '90' }, NOW + 90_000],
    ['a date', { after: 'Wed, 07 Oct 2026 13:00:00 GMT' }, NOW + 3_600_000],
    [
      'the body',
      { body: '{"error":{"type":"usage_limit_reached","resets_at":1791396000}}' },
      1_791_396_000_000,
    ],
    ['the message', { message: 'Rate limited, try again in 20s' }, NOW + 20_000],
    ['nobody knows', {}, null],
    ['no limit at all', { status: '500', after: '90' }, null],
  ])('%s', (_what, values, expected) => expect(at(values)).toBe(expected))
})

describe('what claims nothing', () => {
  test('a stream cut short', () => {
    const streams = streamsOf(recordedStream('opencode/cut-off.ndjson'))
    expect(agent.judge(streams, null, NOW)).toMatchObject({ success: false, failure: null, toolCalls: 1 })
    expect(agent.judge(streams, keeperExit(), NOW).failure?.class).toBe('model_error')
  })
})

test('keys that it cannot be held to', () =>
  expect(unservedKeys(agent).map(({ at }) => at.join('.'))).toEqual(['tool_timeout']))

test('what its model said last is kept when it fails (regression: it was not)', () => {
  const said = '{"type":"text","part":{"text":"One file is done."}}\n'
  const error = '{"type":"error","error":{"name":"ContextOverflowError","data":{"message":"too long"}}}\n'
  expect(agent.judge(streamsOf(said + error), keeperExit({ exitCode: 1 }), 0)).toMatchObject({
    failure: { class: 'context_limit' },
    summary: 'One file is done.',
  })
})
