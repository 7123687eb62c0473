import { describe, expect, test } from 'vitest'
import { quirksOf } from '../../../src/agents/acp/acp-quirks.ts'
import { agentType } from '../../../src/agents/agent-types.ts'
import { agentConfig, agentRequest, keeperExit } from '../agent-fixture.ts'
import { recordedStream, streamsOf } from '../recorded-stream.ts'

const agent = agentType('acp')
const NOW = Date.UTC(2026, 9, 7, 12)

const judge = (file: string, values = {}, exitCode = 1) =>
  agent.judge(streamsOf(recordedStream(`acp/${file}`, values)), keeperExit({ exitCode }), NOW)

describe('compose', () => {
  test('our client, the prompt’s file, and the command behind --', () => {
    const { argv, stdinFile } = agent.compose(
      agentConfig({ command: ['gemini', '--acp'], model: 'm' }),
      agentRequest({ resume: { sessionId: 's-1' }, restricted: true }),
    )
    expect(argv[0]).toBe(process.execPath)
    expect(argv[1]).toMatch(/acp-client\.ts$/)
    expect(argv.slice(2)).toEqual([
      '--prompt',
      '/k/att-1/prompt.md',
      '--resume',
      's-1',
      '--model',
      'm',
      '--restricted',
      '--',
      'gemini',
      '--acp',
    ])
    expect(stdinFile).toBeNull()
  })
})

describe('failures that an agent tells only as its last message', () => {
  const MESSAGES: ReadonlyArray<readonly [text: string, expected: string]> = [
    ['You’ve hit your usage limit. Upgrade to Pro', 'quota_exhausted'],
    ['Quota exceeded. Check your plan and billing details.', 'quota_exhausted'],
    ['exceeded retry limit, last status: 429 Too Many Requests', 'rate_limited'],
    ["Codex ran out of room in the model's context window. Start a new thread", 'context_limit'],
    ['unexpected status 401 Unauthorized: no', 'auth'],
    ['unexpected status 402 Payment Required: no', 'quota_exhausted'],
    ['unexpected status 503 Service Unavailable: no', 'model_error'],
    ['stream disconnected before completion: Transport error', 'model_error'],
    ['We’re currently experiencing high demand, which may cause temporary errors.', 'model_error'],
  ]

  test.each(MESSAGES)('%s', (text, expected) => {
    expect(judge('success.ndjson', { agent: 'codex-acp', text }, 0)).toMatchObject({
      success: false,
      failure: { class: expected, reason: expect.stringContaining(text.slice(0, 20)) },
    })
    expect(judge('success.ndjson', { agent: 'another', text }, 0).success).toBe(true)
    expect(judge('success.ndjson', { agent: 'codex-acp', text: `It said: ${text}` }, 0).success).toBe(true)
  })

  test('after what its model had said, as a piece of its own', () => {
    const text =
      'I begin. "}}}\n{"type":"update","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"'
    const stream = recordedStream('acp/success.ndjson', { agent: 'codex-acp', text: '@@' })
    const twoPieces = stream.replace('@@', `${text}stream disconnected before completion: x`)
    expect(agent.judge(streamsOf(twoPieces), keeperExit(), NOW).failure?.class).toBe('model_error')
  })

  test('no row is without one', () =>
    expect(
      quirksOf('codex-acp').failuresAsText.filter(
        ({ pattern }) => !MESSAGES.some(([text]) => pattern.test(text)),
      ),
    ).toEqual([]))
})

describe('errors', () => {
  test.each(
    ['codex-acp', 'OpenCode'].flatMap((name) => {
      const { at, classes } = quirksOf(name).errorName ?? { at: '', classes: {} }
      return Object.entries(classes).map(([error, expected]) => [name, at, error, expected] as const)
    }),
  )('%s: %s %s', (name, field, error, expected) => {
    const values = { agent: name, code: '-32603', message: 'Internal error', field, name: error }
    expect(judge('error.ndjson', values).failure?.class).toBe(expected)
  })

  test.each([
    [-32000, 'auth'],
    [-32002, 'infra_tooling'],
    [-32601, 'infra_tooling'],
    [-32603, 'model_error'],
    [429, 'model_error'],
  ])('the protocol’s code %s', (code, expected) =>
    expect(judge('error.ndjson', { agent: 'fake', code: String(code), message: 'x' }).failure?.class).toBe(
      expected,
    ),
  )

  test.each([
    [401, 'auth'],
    [402, 'quota_exhausted'],
    [429, 'rate_limited'],
    [500, 'model_error'],
  ])('a code that is a status: %s', (code, expected) => {
    const values = { agent: 'gemini-cli', code: String(code), message: 'x' }
    expect(judge('error.ndjson', values).failure?.class).toBe(expected)
  })

  test.each([
    ['You have exhausted your daily quota on this model.', 'quota_exhausted'],
    ['Rate limit reached, try again in 20s', 'rate_limited'],
    ['Context window exceeded', 'context_limit'],
    ['Invalid API key', 'auth'],
  ])('words: %s', (text, expected) => {
    const plain = { agent: 'fake', code: '-32603', message: text }
    expect(judge('error.ndjson', plain).failure?.class).toBe(expected)
    const inside = { agent: 'fake', code: '-32603', message: 'Internal error', details: text }
    expect(judge('error.ndjson', inside).failure?.class).toBe(expected)
  })

  test('when it makes sense again', () => {
    const values = { agent: 'fake', code: '-32603', message: 'Rate limit reached, try again in 20s' }
    expect(judge('error.ndjson', values).retryAtMs).toBe(NOW + 20_000)
  })

  test.each([
    ['max_tokens', 'context_limit'],
    ['max_turn_requests', 'no_progress'],
    ['refusal', 'tool_failure'],
    ['cancelled', 'tool_failure'],
  ])('a turn that ended with %s', (reason, expected) =>
    expect(judge('stopped.ndjson', { reason })).toMatchObject({
      success: false,
      failure: { class: expected, reason: expect.stringContaining(reason) },
    }),
  )
})

test('a conversation that broke off claims nothing', () => {
  const streams = streamsOf(recordedStream('acp/cut-off.ndjson'))
  expect(agent.judge(streams, null, NOW)).toMatchObject({ success: false, failure: null, toolCalls: 1 })
  expect(agent.judge(streams, keeperExit(), NOW).failure?.class).toBe('tool_failure')
})

describe('what its model said last is kept when it fails (regression: it was not)', () => {
  const session = (name: string) =>
    JSON.stringify({ type: 'session', sessionId: 's-1', agent: name, version: null, resumed: false })
  const chunk = (text: string) =>
    JSON.stringify({
      type: 'update',
      update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
    })
  const tool = JSON.stringify({ type: 'tool', at: 'start', id: 't-1', status: null, digest: null })
  const ended = (stopReason: string) =>
    JSON.stringify({ type: 'result', ok: stopReason === 'end_turn', stopReason, error: null })
  const LIMIT = 'You’ve hit your usage limit.'

  test.each([
    [
      'after its last tool',
      [chunk('One.'), tool, chunk('Two '), chunk('is done.'), ended('max_tokens')],
      'Two is done.',
    ],
    ['before it', [chunk('One.'), tool, ended('max_tokens')], 'One.'],
    ['before a refusal told as text', [chunk('One. '), chunk(LIMIT), ended('end_turn')], 'One.'],
    ['nothing but a refusal', [chunk(LIMIT), ended('end_turn')], null],
  ])('%s', (_what, events, summary) => {
    const judged = agentType('acp').judge(
      streamsOf([session('codex-acp'), ...events].map((line) => `${line}\n`).join('')),
      keeperExit(),
      0,
    )
    expect(judged).toMatchObject({ success: false, summary })
  })
})
