import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger, type LogLevel, logLevel, type Report } from '../../src/telemetry/logger.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oc-supervise-log-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const loggerTo = (file: string, level: LogLevel = 'info', secrets: string[] = []) =>
  createLogger({ destination: join(dir, file), level, child: 'goal', wallMs: () => 1234, secrets })
const linesOf = (file: string) => readFileSync(join(dir, file), 'utf8').trimEnd().split('\n')

test('a line has the fields that people search for, and nothing of the host', () => {
  const report: Report = {
    event: 'task_claimed',
    outcome: 'ok',
    task: 'task-1',
    run: 'run-1',
    reason: 'oldest',
  }
  loggerTo('log').info(report)
  expect(JSON.parse(linesOf('log')[0] ?? '')).toEqual({ level: 'info', time: 1234, child: 'goal', ...report })
})

test('lines below the level are not written', () => {
  const logger = loggerTo('log', 'warn')
  for (const at of ['debug', 'info', 'warn', 'error'] as const) logger[at]({ event: 'e', outcome: at })
  expect(linesOf('log').map((line) => JSON.parse(line).outcome)).toEqual(['warn', 'error'])
})

test('values of secrets, and values under names of secrets, are not written', () => {
  const detail = { list: ['xx hunter2 xx'], Authorization: 'Bearer 123', nested: { apiKey: 'abc', kept: 1 } }
  loggerTo('log', 'info', ['hunter2']).info({ event: 'e', outcome: 'o', reason: 'hunter2 failed', detail })
  const [line = ''] = linesOf('log')
  expect(line).not.toMatch(/hunter2|Bearer|abc/)
  expect(JSON.parse(line).detail.nested.kept).toBe(1)
})

test('what has the shape of a secret is not written, wherever it stands', () => {
  const token = `gh${'p_'}${'aB3dE6gH9j'.repeat(4).slice(0, 36)}`
  const url = 'https://someone:hunter2hunter2@host.test/'
  loggerTo('log').error({
    event: 'e',
    outcome: token,
    reason: `git push ${url}`,
    detail: { list: [token], [token]: 1 },
  })
  const [line = ''] = linesOf('log')
  expect(line).not.toContain(token)
  expect(line).not.toContain('hunter2')
  expect(JSON.parse(line).reason).toBe('git push https://someone:[redacted]@host.test/')
})

test('no line passes 2 KB, whatever it is asked to say', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 5000, unit: 'binary' }),
      fc.string({ maxLength: 5000 }),
      fc.jsonValue({ maxDepth: 3 }),
      (reason, task, detail) => {
        loggerTo('long').info({ event: 'e', outcome: 'o', reason, task, detail: detail as never })
        return linesOf('long').every((line) => Buffer.byteLength(line) <= 2048)
      },
    ),
    { numRuns: 50 },
  )
})

test('what was said before a kill is there', () => {
  const module = resolve(import.meta.dirname, '../../src/telemetry/logger.ts')
  const script = `
    const { createLogger } = await import(${JSON.stringify(module)})
    const logger = createLogger({ destination: 2, level: 'info', child: 'goal', wallMs: () => 1 })
    logger.error({ event: 'last_words', outcome: 'failed' })
    process.kill(process.pid, 'SIGKILL')`
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(done.signal).toBe('SIGKILL')
  expect(done.stderr).toContain('"event":"last_words"')
})

test.each([
  ['debug', 'debug'],
  ['WARN', 'warn'],
  ['silent', 'silent'],
  ['loud', 'info'],
  [undefined, 'info'],
])('the level %s is %s', (text, level) => expect(logLevel(text)).toBe(level))
