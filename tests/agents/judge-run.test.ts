import { describe, expect, test } from 'vitest'
import { agentType } from '../../src/agents/agent-types.ts'
import { judgeRun } from '../../src/agents/judge-run.ts'
import { readExcerpt } from '../../src/agents/read-excerpt.ts'
import { keeperExit } from './agent-fixture.ts'
import { streamsOf } from './recorded-stream.ts'

const started = '{"type":"thread.started","thread_id":"t-1"}\n{"type":"turn.started"}\n'
const waits =
  '{"type":"error","message":"Reconnecting... 1/5 (unexpected status 429 Too Many Requests: slow down)"}\n'
const brokenOff =
  '{"type":"error","message":"Reconnecting... 1/5 (stream disconnected before completion: Transport error)"}\n'
const used =
  '{"type":"turn.completed","usage":{"input_tokens":7,"cached_input_tokens":0,"output_tokens":3}}\n'

/** Codex, stopped for being idle after `before`; `after` came on SIGTERM. */
const stopped = (before: string, after: string) =>
  judgeRun(
    agentType('codex'),
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
    const judged = judgeRun(agentType('codex'), streamsOf(started + brokenOff), exit, 0)
    expect(judged.failure?.class).toBe('model_error')
  })
})

test('standard error is cut there too, between two characters of a word', () => {
  const { stderr } = streamsOf('', 'one\ntwo\nthree')
  expect(readExcerpt({ ...stderr, endBytes: 7 })).toBe('one\ntwo')
  expect(readExcerpt(stderr)).toBe('one\ntwo\nthree')
})
