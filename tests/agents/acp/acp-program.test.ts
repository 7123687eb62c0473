import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { agentType } from '../../../src/agents/agent-types.ts'
import { identityOf } from '../../../src/platform/process-identity.ts'
import { until } from '../../support/until.ts'
import { readMeter } from '../read-meter.ts'
import { runLaunch } from '../run-launch.ts'

const agent = agentType('acp')
const FAKE = join(import.meta.dirname, '../../fixtures/agents/fake-acp.ts')

type More = Omit<Parameters<typeof runLaunch>[2], 'prompt'>

/** The real client, and at the other end of real pipes an agent on the official library. */
const run = (name: string, behaviour: readonly string[], { config, ...more }: More = {}) =>
  runLaunch(agent, 'fake-acp', {
    prompt: 'Say hello',
    ...more,
    config: { command: [process.execPath, FAKE, name, ...behaviour], ...config },
  })

const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('a turn that ends well', () => {
  test('what it did, said and used', async () => {
    const { workspace, home, stdout, judged, exitCode } = await run('fake', ['work'])
    expect(exitCode).toBe(0)
    expect(readFileSync(join(workspace, 'hello.txt'), 'utf8')).toBe('Say hello')
    expect(judged).toEqual({
      success: true,
      failure: null,
      retryAtMs: null,
      recorded: false,
      sessionId: 'sess-1',
      summary: 'Hello is written.',
      toolCalls: 2,
      usage: { inputTokens: 140, cachedInputTokens: 40, outputTokens: 20, usd: 0.25 },
    })
    expect(JSON.parse(readFileSync(join(home, 'capabilities'), 'utf8'))).toMatchObject({
      fs: { readTextFile: false, writeTextFile: false },
      terminal: false,
    })
    expect(readMeter(agent, stdout)).toMatchObject({
      inputTokens: 140,
      outputTokens: 20,
      usd: 0.25,
      toolCalls: 2,
      novelResults: 2,
      terminal: 'success',
      inFlight: false,
    })
  })

  test.each([
    ['gemini-cli', 'meta', { inputTokens: 70, outputTokens: 7, usd: 0.25 }],
    ['qwen-code', 'chunks', { inputTokens: 70, outputTokens: 6, usd: null }],
  ])('usage where %s tells it', async (name, behaviour, usage) =>
    expect((await run(name, [behaviour])).judged.usage).toMatchObject(usage),
  )

  test('the model that was asked for is chosen, or nothing is begun', async () => {
    const chosen = await run('fake', ['models'], { config: { model: 'large' } })
    expect(readFileSync(join(chosen.workspace, 'model.txt'), 'utf8')).toBe('large')
    const without = await run('fake', ['work'], { config: { model: 'large' } })
    expect(existsSync(join(without.workspace, 'hello.txt'))).toBe(false)
    expect(without.judged).toMatchObject({ success: false, failure: { class: 'infra_tooling' } })
  })
})

describe('what it asks of us', () => {
  test.each([
    [false, 'option-allow_once', true],
    [true, 'option-reject_once', false],
  ])('permission, restricted %s', async (restricted, answer, written) => {
    const { workspace, judged, stdout } = await run('fake', ['ask'], { request: { restricted } })
    expect(judged.summary).toBe(answer)
    expect(existsSync(join(workspace, 'hello.txt'))).toBe(written)
    expect(lines(stdout)).toContainEqual({
      type: 'permission',
      tool: 'Write hello.txt',
      answer: answer.replace('option-', ''),
    })
  })

  test('private requests, files and terminals are answered "method not found"', async () =>
    expect((await run('fake', ['private'])).judged.summary).toBe('-32601,-32601,-32601'))

  test('a login, where the variable for it is there', async () => {
    const with_ = await run('gemini-cli', ['login'], { env: { GEMINI_API_KEY: 'dummy' } })
    expect(with_.judged.success).toBe(true)
    const without = await run('gemini-cli', ['login'])
    expect(without.judged).toMatchObject({ success: false, failure: { class: 'auth' } })
  })
})

describe('an earlier session', () => {
  const resume = { sessionId: 'sess-1' }

  test.each(['work', 'resume'])(
    'is gone on with, and what was said before is not said again (%s)',
    async (how) => {
      const { judged, stdout } = await run('fake', [how], {
        request: { resume },
        homeFiles: { sessions: 'sess-1' },
      })
      expect(lines(stdout)[0]).toMatchObject({ type: 'session', sessionId: 'sess-1', resumed: true })
      expect(judged).toMatchObject({ success: true, sessionId: 'sess-1', summary: 'Hello is written.' })
    },
  )

  test('one that the agent does not know', async () => {
    const { judged } = await run('fake', ['work'], { request: { resume } })
    expect(judged).toMatchObject({ success: false, failure: { class: 'infra_tooling' } })
  })

  test('an agent that cannot go on is not asked to', async () => {
    const { judged } = await run('fake', ['forgetful'], { request: { resume } })
    expect(judged.failure).toMatchObject({
      class: 'infra_tooling',
      reason: expect.stringContaining('cannot go on with an earlier session'),
    })
  })
})

describe('a turn that fails', () => {
  test('an error, with its code and data', async () => {
    const data = { codexErrorInfo: 'usageLimitExceeded' }
    const { judged, stdout } = await run('codex-acp', ['error', '-32603', 'no', JSON.stringify(data)])
    expect(lines(stdout).at(-1).error).toEqual({ phase: 'prompt', code: -32603, message: 'no', data })
    expect(judged).toMatchObject({ success: false, failure: { class: 'quota_exhausted' } })
  })

  test.each([
    ['die', 'prompt', 'the agent ended with exit code 3 before it answered'],
    ['die-early', 'initialize', 'the agent ended with exit code 4 before it answered'],
  ])('it says how an agent ended that never answered (%s)', async (behaviour, phase, message) => {
    const { stdout } = await run('fake', [behaviour])
    expect(lines(stdout).at(-1).error).toMatchObject({ phase, message })
  })

  test('a program that is not there', async () => {
    const { judged, exitCode } = await run('fake', [], { config: { command: ['/nowhere/agent'] } })
    expect(exitCode).toBe(1)
    expect(judged.failure?.class).toBe('dependency_missing')
  })
})

describe('an end from outside', () => {
  test('SIGTERM cancels the turn first', async () => {
    const { stdout, judged, exitCode } = await run('fake', ['wait'], {
      during: async ({ stdout, terminate }) => {
        await until(() => stdout().includes('waiting'))
        terminate()
      },
    })
    expect(exitCode).toBe(1)
    expect(lines(stdout).at(-1)).toMatchObject({ type: 'result', ok: false, stopReason: 'cancelled' })
    expect(judged.success).toBe(false)
  })

  test('an agent deaf to all of it is gone within the grace, with what it started', async () => {
    const began = performance.now()
    const { stdout } = await run('fake', ['deaf'], {
      during: async ({ stdout, terminate }) => {
        await until(() => stdout().includes('pids '))
        terminate()
      },
    })
    expect(performance.now() - began).toBeLessThan(5_000 + 3_000)
    const pids = /pids (\d+) (\d+)/.exec(stdout)?.slice(1).map(Number) ?? []
    expect(pids).toHaveLength(2)
    await until(() => pids.every((pid) => identityOf(pid) === null))
  })
})
