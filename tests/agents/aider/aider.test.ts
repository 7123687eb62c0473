import { describe, expect, test } from 'vitest'
import { agentType } from '../../../src/agents/agent-types.ts'
import { AIDER_FAILURES } from '../../../src/agents/aider/aider-failures.ts'
import { classifyRun } from '../../../src/agents/classify.ts'
import { unservedKeys } from '../../../src/agents/unserved-keys.ts'
import { agentConfig, agentRequest, keeperExit } from '../agent-fixture.ts'
import { recordedStream, streamsOf } from '../recorded-stream.ts'

const agent = agentType('aider')
const NOW = Date.UTC(2026, 9, 7, 12)

/** Its lines are text, not JSON: what is put into a template stays as it is. */
const transcript = (file: string, line = ''): string =>
  recordedStream(`aider/${file}`, { line }).replaceAll('\\"', '"')

const judge = (file: string, line = '', exitCode = 0, stderr = '') =>
  agent.judge(streamsOf(transcript(file, line), stderr), keeperExit({ exitCode }), NOW)

describe('compose', () => {
  const request = agentRequest({ program: ['/opt/aider'] })

  test('one message, everything answered, nothing committed, littered or reached for', () => {
    const { argv, stdinFile } = agent.compose(agentConfig({ model: 'gpt-5' }), request)
    expect(argv.slice(2, 6)).toEqual([
      '.aider.tags.cache.',
      '/opt/aider',
      '--message-file',
      request.promptFile,
    ])
    expect(argv).toEqual(
      expect.arrayContaining(['--yes-always', '--no-auto-commits', '--no-dirty-commits', '--no-gitignore']),
    )
    expect(argv).toEqual(expect.arrayContaining(['--no-detect-urls', '--analytics-disable', '--no-pretty']))
    expect(argv.slice(-2)).toEqual(['--model', 'gpt-5'])
    expect(argv[argv.indexOf('--chat-history-file') + 1]).toBe('/k/att-1/home/.aider.chat.history.md')
    expect(stdinFile).toBeNull()
  })

  test.each([
    [null, 'OPENAI_API_BASE'],
    ['openai/local', 'OPENAI_API_BASE'],
    ['claude-sonnet-4-5', 'ANTHROPIC_API_BASE'],
    ['ollama_chat/qwen', 'OLLAMA_API_BASE'],
    ['openrouter/anthropic/claude', 'OPENROUTER_API_BASE'],
    ['deepseek/deepseek-chat', 'DEEPSEEK_API_BASE'],
  ])('the address of %s is in %s', (model, variable) => {
    const { env } = agent.compose(agentConfig({ model, baseUrl: 'http://m' }), request)
    expect(env).toMatchObject({ [variable]: 'http://m' })
  })
})

describe('a run that ends well', () => {
  test('tokens are summed by message, dollars are the last sum; words of the model are no errors', () =>
    expect(judge('success.txt')).toEqual({
      success: true,
      failure: null,
      retryAtMs: null,
      summary: expect.stringMatching(
        /^The error "litellm.RateLimitError: quota" has to be shown\..*two\n>>>>>>> REPLACE/s,
      ),
      sessionId: null,
      recorded: false,
      toolCalls: 2,
      usage: { inputTokens: 13_200, cachedInputTokens: 3400, outputTokens: 1350, usd: 0.02 },
    }))

  test('a model without a price', () =>
    expect(judge('no-price.txt').usage).toEqual({
      inputTokens: 950,
      cachedInputTokens: 0,
      outputTokens: 12,
      usd: null,
    }))

  test('an error it got over', () => expect(judge('recovered.txt').success).toBe(true))

  test('dollars of aider above a thousand are read with their comma (regression: they were no number)', () => {
    const line = 'Tokens: 1 sent, 1 received. Cost: $1,000.10 message, $1,234.50 session.\n'
    expect(agentType('aider').judge(streamsOf(line), keeperExit(), 0).usage?.usd).toBe(1234.5)
  })
})

describe('failures, though it exits with 0: one recorded transcript a row', () => {
  const LINES: ReadonlyArray<readonly [line: string, expected: string]> = [
    ['litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key', 'auth'],
    ['No LLM model was specified and no API keys were provided.', 'auth'],
    [
      'litellm.RateLimitError: RateLimitError: OpenAIException - You exceeded your current quota',
      'quota_exhausted',
    ],
    ['litellm.BudgetExceededError: Budget has been exceeded!', 'quota_exhausted'],
    ['litellm.BadRequestError: AnthropicException - Your credit balance is too low', 'quota_exhausted'],
    ['litellm.APIError: APIError: OpenrouterException - Insufficient credits', 'quota_exhausted'],
    ['litellm.RateLimitError: AnthropicException - rate_limit_error', 'rate_limited'],
    ['litellm.ContextWindowExceededError: too long', 'context_limit'],
    ['Model openai/gpt-5 has hit a token limit!', 'context_limit'],
    ['litellm.InternalServerError: InternalServerError: OpenAIException - oops', 'model_error'],
    ['litellm.Timeout: APITimeoutError - Request timed out.', 'model_error'],
    ['litellm.APIConnectionError: APIConnectionError: OllamaException - refused', 'model_error'],
    ['litellm.NotFoundError: NotFoundError: OpenAIException - no such model', 'infra_tooling'],
    ['litellm.BadRequestError: OpenAIException - bad', 'tool_failure'],
    ['The LLM did not conform to the edit format.', 'tool_failure'],
    ['Exception while updating files:', 'tool_failure'],
  ]

  test.each(LINES)('%s', (line, expected) => {
    expect(judge('refused.txt', line)).toMatchObject({ success: false, failure: { class: expected } })
    expect(judge('refused-later.txt', line)).toMatchObject({
      success: false,
      failure: { class: expected },
      usage: { outputTokens: 20 },
    })
  })

  test('no row is without one', () =>
    expect(
      AIDER_FAILURES.filter(
        ({ pattern }) =>
          !LINES.some(([line]) => AIDER_FAILURES.find((row) => row.pattern.test(line))?.pattern === pattern),
      ),
    ).toEqual([]))

  test('what its model said last is kept for whoever goes on (regression: it was not)', () => {
    const line = 'litellm.ContextWindowExceededError: too long'
    expect(judge('refused-later.txt', line).summary).toBe('I need to see the file.')
    expect(judge('refused.txt', line).summary).toBeNull()
  })

  test('a full context', () =>
    expect(judge('out-of-tokens.txt')).toMatchObject({ failure: { class: 'context_limit' }, usage: null }))

  test('when it makes sense again', () =>
    expect(judge('refused.txt', 'litellm.RateLimitError: Please try again in 20s.').retryAtMs).toBe(
      NOW + 20_000,
    ))

  test('the same words inside a line are none', () =>
    expect(judge('refused.txt', 'see litellm.RateLimitError: in the docs').failure).toBeNull())

  test('an exit code of its own, with what it wrote last', () =>
    expect(judge('nothing.txt', '', 1, 'Traceback …\nKeyError: 1\n').failure).toMatchObject({
      class: 'tool_failure',
      excerpt: expect.stringContaining('KeyError'),
    }))

  test('exit 0 without a token and without an edit is no success', () => {
    const exit = keeperExit()
    const outcome = classifyRun({
      usedBefore: null,
      exit,
      judgement: judge('nothing.txt'),
      agent: { price: null, covered: false },
      version: null,
      containment: { level: 'swept', sandbox: 'off' },
      startedAtMs: 0,
      endedAtMs: 1,
    })
    expect(outcome).toMatchObject({ ending: 'failed', failure: { class: 'model_error' } })
  })

  test('without a record nothing is claimed', () => {
    const streams = streamsOf(transcript('success.txt'))
    expect(agent.judge(streams, null, NOW)).toMatchObject({ success: false, failure: null })
  })
})

test('keys that it cannot be held to', () =>
  expect(unservedKeys(agent).map(({ at }) => at.join('.'))).toEqual([
    'max_tokens',
    'progress_fuel',
    'tool_timeout',
  ]))
