import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { excerptOf } from '../../src/checks/excerpt.ts'
import { runChecks } from '../../src/checks/run-checks.ts'
import type { CheckSpec } from '../../src/contracts/compiled-manifest.ts'
import { bestContainment } from '../../src/platform/containment.ts'
import { newId } from '../../src/platform/random.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

const check = (run: string, changes: Partial<CheckSpec> = {}): CheckSpec => ({
  name: run.slice(0, 20),
  run,
  timeoutMs: 10_000,
  retries: 0,
  network: [],
  ...changes,
})

const run = async (checks: CheckSpec[], changes: Partial<Parameters<typeof runChecks>[0]> = {}) => {
  const dir = makeTempDir('checks')
  const [cwd, registrationsDir] = [join(dir, 'clone'), join(dir, 'registrations')]
  for (const folder of [cwd, registrationsDir]) mkdirSync(folder)
  const report = await runChecks({
    checks,
    sha: 'a'.repeat(40),
    purpose: 'head',
    restored: [],
    restoredFrom: null,
    cwd,
    outputDir: join(dir, 'out'),
    env: {},
    ceilings: { memoryBytes: null, processes: null, diskBytes: null },
    containment: bestContainment(),
    sandbox: null,
    process: { subject: 'checks', owner: newId('inc') as never, registrationsDir },
    ...changes,
  })
  return { report, dir, cwd, registrationsDir }
}

/** Processes of this host whose command line holds `text`. */
const processesWith = (text: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(text)
    } catch {
      return false
    }
  })

describe('runChecks', () => {
  test('runs all in order, also after a failure, and passes only when all do', async () => {
    const { report, dir } = await run([check('echo one'), check('echo two; exit 3'), check('echo three >&2')])
    expect(report).toMatchObject({
      passed: false,
      containment: bestContainment(),
      results: [
        { outcome: 'passed', exitCode: 0, excerpt: 'one', attempts: 1 },
        { outcome: 'failed', exitCode: 3, excerpt: 'two', attempts: 1 },
        { outcome: 'passed', exitCode: 0, excerpt: 'three', attempts: 1 },
      ],
    })
    expect(readdirSync(join(dir, 'out')).map((name) => name[0])).toEqual(['1', '2', '3'])
    expect((await run([check('true'), check('true')])).report.passed).toBe(true)
  })

  test('errors and output keep their order', async () => {
    const { report } = await run([check('echo a; echo b >&2; echo c')])
    expect(report.results[0]?.excerpt).toBe('a\nb\nc')
  })

  test('a flaky check is tried again and shows how often', async () => {
    const { report } = await run([check('echo x >>tries; test $(wc -l <tries) -eq 3', { retries: 5 })])
    expect(report.results[0]).toMatchObject({ outcome: 'passed', attempts: 3 })
    const failing = await run([check('false', { retries: 2 })])
    expect(failing.report.results[0]).toMatchObject({ outcome: 'failed', attempts: 3 })
  })

  test('time is up: the whole tree ends', async () => {
    const seconds = '86123'
    const { report, registrationsDir } = await run([
      check(`sleep ${seconds} & (trap '' TERM; sleep ${seconds}) & echo started; sleep ${seconds}`, {
        timeoutMs: 400,
      }),
    ])
    expect(report.results[0]).toMatchObject({ outcome: 'timed_out', exitCode: null })
    expect(report.results[0]?.excerpt).toMatch(/^started[\s\S]*\[ended after 0.4 s\]$/)
    expect(processesWith(seconds)).toEqual([])
    expect(readdirSync(registrationsDir)).toEqual([])
  })

  test.each(['namespace', 'swept'] as const)(
    'a check that leaves a daemon behind leaves none (%s)',
    async (level) => {
      if (level === 'namespace' && bestContainment() !== 'namespace') return
      const seconds = level === 'swept' ? '86124' : '86125'
      const { report } = await run([check(`setsid sleep ${seconds} >/dev/null 2>&1 & echo done`)], {
        containment: level,
      })
      expect(report.results[0]).toMatchObject({ outcome: 'passed', excerpt: 'done' })
      expect(processesWith(seconds)).toEqual([])
    },
  )

  test('sees the repository’s variables and a HOME of its own, and nothing else of ours', async () => {
    process.env.CHECK_TEST_SECRET = 'leak'
    const { report, dir } = await run([check('echo "$GIVEN $CHECK_TEST_SECRET $HOME"; touch ~/left')], {
      env: { GIVEN: 'given' },
    })
    delete process.env.CHECK_TEST_SECRET
    expect(report.results[0]?.excerpt).toBe(`given  ${join(dir, 'out', 'home')}`)
    expect(existsSync(join(dir, 'out', 'home'))).toBe(false)
  })

  test('a folder that is not there is an error, not a failure of the check', async () => {
    const { report } = await run([check('true')], { cwd: '/nowhere/at/all' })
    expect(report.results[0]).toMatchObject({ outcome: 'error', exitCode: null })
    expect(report.passed).toBe(false)
  })

  test('stops between two checks when it is asked to', async () => {
    const controller = new AbortController()
    controller.abort(new Error('cancelled'))
    await expect(run([check('true')], { signal: controller.signal })).rejects.toThrow('cancelled')
  })
})

describe('excerptOf', () => {
  test.each([
    ['\u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007text', 'red text'],
    ['one\r\ntwo\rthree\tfour\u0000', 'one\ntwo\nthree\tfour'],
    ['safe\u202eevil\u2066', 'safeevil'],
  ])('%j becomes plain', (output, plain) => expect(excerptOf(output)).toBe(plain))

  test('is the end, at most 4 KiB', () => {
    const excerpt = excerptOf(`${'x'.repeat(100_000)}end`)
    expect(excerpt).toHaveLength(4096)
    expect(excerpt.endsWith('end')).toBe(true)
  })
})

test('a check that somebody else ends says nothing about the commit: no report, and nothing left', async () => {
  const registrationsDir = makeTempDir('registrations')
  const checking = run([check('sleep 300')], {
    process: { subject: 'checks', owner: newId('inc') as never, registrationsDir },
  })
  const ended = expect(checking).rejects.toThrow('`sleep 300` was ended from outside by SIGKILL')
  const pid = await until(() => readRegistrations(registrationsDir)[0]?.identity?.pid)
  process.kill(pid, 'SIGKILL')
  await ended
  expect(readRegistrations(registrationsDir)).toEqual([])
})
