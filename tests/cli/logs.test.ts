import { once } from 'node:events'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { readTail } from '../../src/cli/logs/read-tail.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { oc, ocSpawn } from './support/run-cli.ts'
import { put, type TestSystem, testSystem } from './support/test-system.ts'

const opened: TestSystem[] = []
afterAll(async () => {
  for (const each of opened) await each.close()
})

const begin = async (): Promise<{ system: TestSystem; state: string[] }> => {
  const system = await testSystem()
  opened.push(system)
  await system.claim()
  return { system, state: ['--state-dir', system.dir] }
}

describe('readTail', () => {
  it('reads the last lines, whatever their length and however many there are', () => {
    const file = join(makeTempDir(), 'log')
    const line = fc.oneof(
      fc.string(),
      fc.integer({ min: 0, max: 100_000 }).map((n) => 'é'.repeat(n)),
    )
    const lines = fc.array(
      line.map((text) => text.replaceAll('\n', '')),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(lines, fc.nat(40), fc.boolean(), (all, count, isEnded) => {
        const written = all.join('\n') + (isEnded && all.length > 0 ? '\n' : '')
        writeFileSync(file, written)
        const whole = written === '' ? [] : written.replace(/\n$/, '').split('\n')
        expect(readTail(file, count)).toEqual({
          lines: count === 0 ? [] : whole.slice(-count),
          size: Buffer.byteLength(written),
        })
      }),
      { numRuns: 50 },
    )
  })

  it('shows no torn line of a file that is too large to be shown whole, and nothing of none', () => {
    const file = put(join(makeTempDir(), 'log'), `${'x'.repeat(999)}\n`.repeat(20_000))
    const { lines } = readTail(file, 1_000_000)
    expect(lines.length).toBeGreaterThan(10_000)
    expect(lines.every((line) => line.length === 999)).toBe(true)
    expect(readTail('/none/such', 5)).toEqual({ lines: [], size: 0 })
  })
})

describe('logs', () => {
  it('follows what is written until it is ended', async () => {
    const { system, state } = await begin()
    const log = put(system.layout.log('goal'), 'old\n')
    const process = ocSpawn(['logs', 'goal', '-f', ...state])
    let out = ''
    process.stdout?.on('data', (text) => {
      out += text
    })
    try {
      await until(() => out === 'old\n')
      appendFileSync(log, 'half a ')
      await until(() => out.endsWith('half a '))
      appendFileSync(log, 'line\u001b[2J\n')
      await until(() => out === 'old\nhalf a line\\x1b[2J\n')
      writeFileSync(log, 'new\n')
      await until(() => out.endsWith('new\n'))
    } finally {
      process.kill('SIGINT')
    }
    const [, signal] = await once(process, 'exit')
    expect(signal).toBe('SIGINT')
  })

  it('prints the end of the supervisor’s, a child’s and an agent’s log, with control characters made visible', async () => {
    const { system, state } = await begin()
    await system.reach('task-1', 'inReview')
    put(system.layout.supervisorLog, '{"n":1}\n{"n":2}\n')
    put(
      system.layout.log('goal'),
      `${Array.from({ length: 5_000 }, (_, n) => `line ${n} \u001b[31m${'x'.repeat(50)}`).join('\n')}\n`,
    )
    expect((await oc('logs', ...state, '-n', '1')).stdout).toBe('{"n":2}\n')
    const { stdout } = await oc('logs', 'goal', '-n', '3', ...state)
    expect(stdout.split('\n').map((line) => line.slice(0, 18))).toEqual([
      'line 4997 \\x1b[31m',
      'line 4998 \\x1b[31m',
      'line 4999 \\x1b[31m',
      '',
    ])
    expect((await oc('logs', 'goal', '-n', '0', ...state)).stdout).toBe('')

    mkdirSync(system.layout.keeperDir('att-1-1'), { recursive: true })
    writeFileSync(join(system.layout.keeperDir('att-1-1'), 'stdout.ndjson'), '{"type":"text"}')
    writeFileSync(join(system.layout.keeperDir('att-1-1'), 'stderr.txt'), 'oops\n')
    for (const subject of ['run-1', 'task-1', 'att-1-1'])
      expect((await oc('logs', subject, ...state)).stdout).toBe(
        '==> att-1-1 output <==\n{"type":"text"}\n==> att-1-1 errors <==\noops\n',
      )
  })

  it('names each log once: a detached tree has one called supervisor too', async () => {
    const { system, state } = await begin()
    put(system.layout.log('supervisor'), 'x\n')
    const { stderr } = await oc('logs', 'nobody', ...state)
    expect(stderr.match(/supervisor/g)).toHaveLength(1)
  })

  it.each([
    [['nobody'], 2, /no log of "nobody"; there are logs of: supervisor/],
    [['../journal'], 2, /no log of "\.\.\/journal"/],
    [['run-x'], 2, /no attempt of "run-x"/],
    [['task-x'], 2, /no attempt at "task-x"/],
    [['att-9-9'], 1, /att-9-9 has no log/],
    [['-n', 'many'], 2, /--lines "many" is not a count/],
    [['-n', '-f'], 2, /--lines "-f" is not a count/],
  ])('refuses %j', async (argv, code, reason) => {
    const { state } = await begin()
    const ran = await oc('logs', ...argv, ...state)
    expect(ran.stderr).toMatch(reason)
    expect(ran.code).toBe(code)
  })
})
