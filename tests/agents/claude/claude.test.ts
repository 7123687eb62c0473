import { describe, expect, test } from 'vitest'
import { agentType } from '../../../src/agents/agent-types.ts'
import { CLAUDE_CODES, CLAUDE_FAILURES } from '../../../src/agents/claude/claude-failures.ts'
import { agentConfig, agentRequest, keeperExit } from '../agent-fixture.ts'
import { readMeter } from '../read-meter.ts'
import { recordedStream, streamsOf } from '../recorded-stream.ts'

const agent = agentType('claude')
/** 7 October 2026, 12:00 UTC. */
const NOW = Date.UTC(2026, 9, 7, 12)
const SIX_PM = Date.UTC(2026, 9, 7, 18)

const judge = (file: string, values = {}, exitCode: number | null = 1, stderr = '') =>
  agent.judge(streamsOf(recordedStream(`claude/${file}`, values), stderr), keeperExit({ exitCode }), NOW)

const request = agentRequest({ program: ['/opt/claude'] })

describe('compose', () => {
  test('headless, its JSON stream, the prompt by standard input', () => {
    const launch = agent.compose(agentConfig({ type: 'claude' }), request)
    expect(launch.argv).toEqual([
      '/opt/claude',
      '-p',
      '--output-format',
      'stream-json',
      '--verbose',
      '--include-partial-messages',
      '--permission-mode',
      'bypassPermissions',
    ])
    expect(launch.stdinFile).toBe(request.promptFile)
    expect(launch.env).not.toHaveProperty('ANTHROPIC_BASE_URL')
  })

  test.each([
    [{ maxTurns: 7 }, {}, ['--max-turns', '7']],
    [{ model: 'opus' }, {}, ['--model', 'opus']],
    [
      {},
      { resume: { sessionId: '.claude/projects/-w/s-1.jsonl' } },
      ['--resume', `${request.home}/.claude/projects/-w/s-1.jsonl`, '--fork-session'],
    ],
    [{}, { restricted: true }, ['--disallowedTools', 'WebFetch,WebSearch', '--strict-mcp-config']],
  ])('%j %j', (config, more, added) => {
    const { argv } = agent.compose(agentConfig(config), { ...request, ...more })
    expect(argv.slice(-added.length)).toEqual(added)
  })

  test('its model’s address, and that it is contained only where it is', () => {
    const contained = agentConfig({ sandbox: { network: [] }, baseUrl: 'http://127.0.0.1:9' })
    expect(agent.compose(contained, request).env).toMatchObject({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      IS_SANDBOX: '1',
    })
    expect(agent.compose(agentConfig({ sandbox: 'off' }), request).env).not.toHaveProperty('IS_SANDBOX')
  })
})

describe('a run that ends well', () => {
  test('its claim, session, last message, tool calls, and usage of all its models', () =>
    expect(judge('success.ndjson', {}, 0)).toEqual({
      success: true,
      failure: null,
      summary: 'hello.txt now says hello.',
      sessionId: '.claude/projects/-w-att-1/5f0c2b1e-8a44-4d0f-9a39-2f6f1f0b7c11.jsonl',
      recorded: false,
      retryAtMs: null,
      toolCalls: 1,
      usage: { inputTokens: 26_210, cachedInputTokens: 24_900, outputTokens: 130, usd: 0.0142 },
    }))

  test('two calls whose results come in one message are both over (regression: the second stayed open)', () => {
    const start = (id: string) => ({
      type: 'stream_event',
      event: { type: 'content_block_start', content_block: { type: 'tool_use', id } },
    })
    const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: id })
    const user = { type: 'user', message: { content: [{ type: 'text' }, result('t-1'), result('t-2')] } }
    const lines = [start('t-1'), start('t-2'), user].map((event) => JSON.stringify(event))
    expect(readMeter(agent, lines.slice(0, 2).join('\n'))).toMatchObject({ toolCalls: 2, inFlight: true })
    expect(readMeter(agent, lines.join('\n'))).toMatchObject({ novelResults: 2, inFlight: false })
  })

  test('its keeper reads turns and tools as they happen, and the total at the end', () => {
    const stream = recordedStream('claude/success.ndjson')
    const lines = stream.trimEnd().split('\n')
    expect(readMeter(agent, lines.slice(0, 6).join('\n'))).toMatchObject({
      inputTokens: 12_904,
      cachedInputTokens: 12_000,
      outputTokens: 0,
      turns: 1,
      toolCalls: 1,
      inFlight: true,
    })
    expect(readMeter(agent, lines.slice(0, -1).join('\n'))).toMatchObject({
      inputTokens: 25_910,
      cachedInputTokens: 24_900,
      outputTokens: 110,
      turns: 2,
      terminal: null,
    })
    expect(readMeter(agent, stream)).toMatchObject({
      inputTokens: 25_910,
      outputTokens: 110,
      usd: 0.0142,
      toolCalls: 1,
      novelResults: 1,
      terminal: 'success',
      inFlight: false,
    })
  })

  test('what its model said last is kept when it fails (regression: it was not)', () => {
    const said = recordedStream('claude/cut-off.ndjson').split('\n').slice(0, -1).join('\n')
    const sub =
      '{"type":"assistant","parent_tool_use_id":"t-1","message":{"content":[{"type":"text","text":"sub"}]}}'
    const refused = recordedStream('claude/refused.ndjson', { message: 'Prompt is too long' })
    const judged = agent.judge(streamsOf(`${said}\n${sub}\n${refused}`), keeperExit({ exitCode: 1 }), NOW)
    expect(judged).toMatchObject({
      failure: { class: 'context_limit' },
      summary: 'I look at the file first.',
    })
    expect(judge('refused.ndjson', { message: 'Prompt is too long' }).summary).toBeNull()
  })

  test('the keeper was lost: what the result says still counts', () => {
    const streams = streamsOf(recordedStream('claude/success.ndjson'))
    expect(agent.judge(streams, null, NOW).success).toBe(true)
  })
})

describe('failures by structure', () => {
  test('a usage window that is over, with the instant of its reset', () =>
    expect(judge('usage-window.ndjson')).toMatchObject({
      success: false,
      failure: { class: 'quota_exhausted', reason: expect.stringContaining('hit your limit') },
      retryAtMs: SIX_PM,
      toolCalls: 1,
      usage: { usd: 0.21 },
    }))

  test.each(Object.entries(CLAUDE_CODES))('code %s', (code, expected) => {
    const values = { code, status: '500' }
    expect(judge('refused-coded.ndjson', values).failure?.class).toBe(expected)
  })

  test.each([
    ['rate_limit', '429', 'rate_limited'],
    ['unknown', '401', 'auth'],
    ['unknown', '402', 'quota_exhausted'],
    ['unknown', '529', 'model_error'],
    ['invalid_request', '0', 'tool_failure'],
    ['rate_limit', '0', 'rate_limited'],
  ])('code %s with status %s', (code, status, expected) =>
    expect(judge('refused-coded.ndjson', { code, status }).failure?.class).toBe(expected),
  )

  test('the turn limit, and what it was not allowed, even without is_error', () =>
    expect(judge('max-turns.ndjson')).toMatchObject({
      success: false,
      failure: { class: 'no_progress', reason: 'the agent reports: error_max_turns (denied: WebFetch)' },
    }))
})

describe('failures by its own words, one recorded refusal a row', () => {
  const MESSAGES: ReadonlyArray<readonly [message: string, expected: string]> = [
    ['Claude AI usage limit reached|1791396000', 'quota_exhausted'],
    ['You’ve hit your session limit · resets 6pm (UTC)', 'quota_exhausted'],
    ["You've hit your weekly limit · resets Oct 7, 6pm (UTC)", 'quota_exhausted'],
    ["You're out of extra usage · resets 6pm (UTC)", 'quota_exhausted'],
    ['5-hour limit reached ∙ resets 6pm (UTC)', 'quota_exhausted'],
    ['Credit balance is too low', 'quota_exhausted'],
    ['API Error: 400 You have reached your specified API usage limits.', 'quota_exhausted'],
    ['API Error: Request rejected (429) · Rate limited. Please try again later.', 'rate_limited'],
    ['Server is temporarily limiting requests', 'rate_limited'],
    ['API Error: Rate limit reached', 'rate_limited'],
    ['API Error: 429 {"type":"error","error":{"type":"rate_limit_error"}}', 'rate_limited'],
    ['Invalid API key · Fix external API key', 'auth'],
    ['Not logged in · Please run /login', 'auth'],
    ['OAuth token has expired · Please run /login', 'auth'],
    ['Your organization has disabled Claude subscription access for Claude Code', 'auth'],
    ['API Error: 401 {"type":"error","error":{"type":"authentication_error"}}', 'auth'],
    ['Prompt is too long', 'context_limit'],
    ['API Error: 400 {"error":{"message":"prompt is too long: 204 tokens > 200"}}', 'context_limit'],
    ['Error during compaction: Conversation too long', 'context_limit'],
    ['Request too large (max 32MB)', 'context_limit'],
    ["API Error: Claude's response exceeded the 32000 output token maximum.", 'context_limit'],
    ['API Error: 500 Internal server error', 'model_error'],
    ['API Error: Repeated 529 Overloaded errors', 'model_error'],
    ['API Error: {"type":"error","error":{"type":"overloaded_error"}}', 'model_error'],
    ['Unable to connect to API (ECONNREFUSED)', 'model_error'],
    ['API Error: Connection error.', 'model_error'],
    ['No conversation found with session ID: d56965c9', 'infra_tooling'],
    ["There's an issue with the selected model (x). It may not exist.", 'infra_tooling'],
  ]

  test.each(MESSAGES)('%s', (message, expected) =>
    expect(judge('refused.ndjson', { message })).toMatchObject({
      success: false,
      failure: { class: expected, reason: expect.stringContaining(message.slice(0, 20)) },
    }),
  )

  test('no row is without one', () =>
    expect(
      CLAUDE_FAILURES.filter(
        ({ pattern }) =>
          !MESSAGES.some(
            ([message]) => CLAUDE_FAILURES.find((row) => row.pattern.test(message))?.pattern === pattern,
          ),
      ),
    ).toEqual([]))

  test.each([
    'Claude AI usage limit reached|1791396000',
    'You’ve hit your session limit · resets 6pm (UTC)',
    '5-hour limit reached ∙ resets 6pm (UTC)',
  ])('when it resets: %s', (message) => expect(judge('refused.ndjson', { message }).retryAtMs).toBe(SIX_PM))

  test('an unknown session', () =>
    expect(judge('unknown-session.ndjson')).toMatchObject({
      success: false,
      failure: { class: 'infra_tooling' },
      toolCalls: 0,
    }))

  test('words that no row knows', () =>
    expect(judge('refused.ndjson', { message: 'I am sorry.' }).failure?.class).toBe('tool_failure'))
})

describe('what is no failure, and what is no success', () => {
  test('a model that speaks of errors has none', () => {
    const said = recordedStream('claude/success.ndjson').replaceAll(
      'hello.txt now says hello.',
      'API Error: 401 is now handled.',
    )
    expect(agent.judge(streamsOf(said), keeperExit(), NOW)).toMatchObject({ success: true, failure: null })
  })

  test('a refusal that does not call itself an error, where the model wrote nothing', () =>
    expect(judge('banner.ndjson', {}, 0)).toMatchObject({
      success: false,
      failure: { class: 'quota_exhausted' },
      retryAtMs: SIX_PM,
    }))

  test.each([
    ['a folder whose name it shortens', { cwd: `/${'w'.repeat(200)}`, session_id: 'abc' }],
    ['an id that leads elsewhere', { cwd: '/w', session_id: '../../../etc/passwd' }],
    ['no folder', { session_id: 'abc' }],
  ])('its session is not known: %s', (_why, init) => {
    const said = JSON.stringify({ type: 'system', subtype: 'init', ...init })
    expect(agent.judge(streamsOf(said), null, NOW).sessionId).toBeNull()
  })

  test('a stream cut short claims nothing', () => {
    const streams = streamsOf(recordedStream('claude/cut-off.ndjson'))
    expect(agent.judge(streams, null, NOW)).toMatchObject({
      success: false,
      failure: null,
      usage: null,
      sessionId: '.claude/projects/-w-att-1/5f0c2b1e-8a44-4d0f-9a39-2f6f1f0b7c11.jsonl',
    })
    expect(agent.judge(streams, keeperExit(), NOW).failure?.class).toBe('tool_failure')
  })

  test('it never started: the last line of its standard error says why', () => {
    const streams = streamsOf('', 'warning: x\nError: Invalid API key · Please run /login\n')
    expect(agent.judge(streams, keeperExit({ exitCode: 1 }), NOW).failure).toMatchObject({ class: 'auth' })
  })
})
