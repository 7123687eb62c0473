import { appendFileSync, truncateSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AgentJudgement, AgentType } from '../../src/agents/agent-type.ts'
import { agentType, agentTypes } from '../../src/agents/agent-types.ts'
import { commandAgent } from '../../src/agents/command.ts'
import { judgeRun } from '../../src/agents/judge-run.ts'
import { readEvents } from '../../src/agents/read-events.ts'
import { readExcerpt } from '../../src/agents/read-excerpt.ts'
import { type Failure, FailureClass } from '../../src/contracts/failure.ts'
import { keeperExit } from './agent-fixture.ts'
import { streamsOf } from './recorded-stream.ts'

/** A type whose stream is what it is judged to be, a part in each line. */
const telling: Pick<AgentType, 'judge'> = {
  judge: (streams) => Object.assign(commandAgent.judge(streams, null, 0), ...readEvents(streams.stdout)),
}
const told = (part: Partial<AgentJudgement>): string => `${JSON.stringify(part)}\n`
const failing = (failureClass: Failure['class']): string =>
  told({ failure: { class: failureClass, reason: 'it said so', excerpt: null } })

const started = told({ sessionId: 't-1' })
const waits = failing('rate_limited')
const brokenOff = failing('model_error')
const used = told({ usage: { inputTokens: 7, cachedInputTokens: 0, outputTokens: 3, usd: null } })

/** Stopped for being idle after `before`; `after` came on SIGTERM. */
const stopped = (before: string, after: string) =>
  judgeRun(
    telling,
    streamsOf(before + after),
    keeperExit({
      exitCode: null,
      signal: 'SIGTERM',
      stopReason: 'idle',
      saidAtStop: { stdoutBytes: Buffer.byteLength(before), stderrBytes: 0 },
    }),
    0,
  )

describe('a run that we stopped', () => {
  test('is not explained by what the stop made of its connection', () =>
    expect(stopped(started, brokenOff).failure).toBeNull())

  test('is explained by what it said it was waiting for before', () =>
    expect(stopped(started + waits, brokenOff).failure?.class).toBe('rate_limited'))

  test('is paid for to its last word', () =>
    expect(stopped(started, used)).toMatchObject({
      sessionId: 't-1',
      usage: { inputTokens: 7, outputTokens: 3 },
    }))

  test('by a keeper that does not tell when it was stopped is read to its end', () => {
    const exit = keeperExit({ exitCode: null, signal: 'SIGTERM', stopReason: 'idle' })
    const judged = judgeRun(telling, streamsOf(started + brokenOff), exit, 0)
    expect(judged.failure?.class).toBe('model_error')
  })
})

test('standard error is cut there too, between two characters of a word', () => {
  const { stderr } = streamsOf('', 'one\ntwo\nthree')
  expect(readExcerpt({ ...stderr, endBytes: 7 })).toBe('one\ntwo')
  expect(readExcerpt(stderr)).toBe('one\ntwo\nthree')
})

/** Of what is known of single types, that of the types there are. */
const ofRegistered = (rows: readonly (readonly [type: string, stdout: string])[]) =>
  rows.filter(([type]) => agentTypes().some((one) => one.type === type))

/** Events whose type is a word that every object knows, and figures that no run has. */
const WORDS = ['__proto__', 'constructor', 'toString', '__defineGetter__']
const RESULT = { type: 'result', subtype: 'success', is_error: false, result: 'done' }
const forged = (type: string) =>
  `${JSON.stringify({ result: RESULT, error: type, toolCalls: 5, reason: type }).replace('{', `{"type":"${type}",`)}\n`

describe('whatever a stream says', () => {
  test.each(
    agentTypes()
      .filter(({ capabilities }) => capabilities.terminalEvent)
      .flatMap(({ type }) => WORDS.map((word) => [type, word] as const)),
  )(
    '%s: an event of type %s is one it does not know (regression: it ended the judging, or forged a result)',
    (type, word) => {
      const exit = keeperExit({ exitCode: 1 })
      const judge = (stdout: string) => agentType(type).judge(streamsOf(stdout), exit, 0)
      expect(judge(forged(word))).toEqual(judge('{"type":"never-heard-of"}\n'))
    },
  )

  test.each(
    ofRegistered([
      ['claude', `{"type":"assistant","error":"constructor","message":{"content":[]}}\n`],
      ['claude', `{"type":"result","is_error":true,"subtype":"toString"}\n`],
      ['opencode', '{"type":"step_finish","part":{"reason":"constructor"}}\n'],
      [
        'opencode',
        '{"type":"error","error":{"name":"__proto__","data":{"responseBody":"{\\"type\\":\\"valueOf\\"}"}}}\n',
      ],
      ['acp', '{"type":"result","ok":false,"stopReason":"constructor","error":null}\n'],
    ]),
  )('%s: a word that every object knows is no class of failure: %s', (type, stdout) => {
    const { failure } = agentType(type).judge(streamsOf(stdout), keeperExit({ exitCode: 1 }), 0)
    expect(FailureClass.safeParse(failure?.class).success).toBe(true)
  })

  test.each(
    ofRegistered([
      ['codex', '{"type":"turn.completed","usage":{"input_tokens":1e300,"output_tokens":7}}\n'],
      [
        'claude',
        `${JSON.stringify({ ...RESULT, usage: { input_tokens: -5, output_tokens: 7 } }).slice(0, -1)},"total_cost_usd":1e300}\n`,
      ],
      ['aider', 'Tokens: 1e400k sent, 7 received. Cost: $1e9 message, $x session.\n'],
      ['acp', '{"type":"usage","inputTokens":-1,"cachedInputTokens":0.5,"outputTokens":7,"usd":1e300}\n'],
    ]),
  )('%s: figures that cannot be are none (regression: the run could not be settled)', (type, stdout) => {
    const { usage } = agentType(type).judge(streamsOf(stdout), keeperExit(), 0)
    expect(usage).toMatchObject({ inputTokens: 0, outputTokens: 7, usd: null })
  })

  test('one that cannot be judged at all is a failure of which nothing is known', () => {
    const judge = (): never => {
      throw new TypeError('not a function')
    }
    expect(judgeRun({ judge }, streamsOf(''), keeperExit(), 0)).toMatchObject({
      success: false,
      usage: null,
      failure: { class: 'tool_failure', reason: expect.stringContaining('not a function') },
    })
  })

  test.each([
    ['', null],
    ['-c', null],
    ['--config=web_search="live"', null],
    ['two\nlines', null],
    ['cut\0short', null],
    [' padded', null],
    ['x'.repeat(501), null],
    ['x'.repeat(500), 'x'.repeat(500)],
    ['0199a213-81c0-7800-8aa1-bbab2a035a53', '0199a213-81c0-7800-8aa1-bbab2a035a53'],
  ])(
    'a session by the name of %j is %j for whoever goes on (regression: an option, or no input at all)',
    (id, kept) => {
      expect(judgeRun(telling, streamsOf(told({ sessionId: id })), keeperExit(), 0).sessionId).toBe(kept)
    },
  )

  test('a reset further off than any quota lasts is none', () => {
    const until = (days: number) =>
      judgeRun(telling, streamsOf(told({ retryAtMs: days * 86_400_000 })), keeperExit(), 0).retryAtMs
    expect([until(7), until(400), until(1e290)]).toEqual([7 * 86_400_000, null, null])
  })
})

describe('however much it is', () => {
  test('a stream of holes is read as far as agents write, and no further', { timeout: 60_000 }, () => {
    const streams = streamsOf(started)
    truncateSync(streams.stdout.file, 2 ** 30)
    appendFileSync(streams.stdout.file, `\n${used}`)
    expect(judgeRun(telling, streams, keeperExit(), 0)).toMatchObject({
      sessionId: 't-1',
      usage: null,
    })
  })

  test('what follows a line that is too long is read', () => {
    const streams = streamsOf(`${started}${'x'.repeat(9 * 1024 * 1024)}\n${used}`)
    expect(judgeRun(telling, streams, keeperExit(), 0)).toMatchObject({
      sessionId: 't-1',
      usage: { inputTokens: 7 },
    })
  })

  test.each(
    ofRegistered([
      ['aider', `Tokens: 1 sent, 1 received. Cost: ${'$'.repeat(300_000)}\n`],
      [
        'gemini',
        `${JSON.stringify({
          type: 'result',
          status: 'error',
          error: { message: `[API Error: ${'"message":"The input token count '.repeat(40_000)}` },
        })}\n`,
      ],
    ]),
  )('%s: one line keeps nobody busy (regression: minutes)', { timeout: 10_000 }, (type, stdout) => {
    expect(judgeRun(agentType(type), streamsOf(stdout), keeperExit({ exitCode: 1 }), 0).success).toBe(false)
  })
})
