import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseFailPoints } from '../../src/platform/fail-point.ts'
import { identityOf, proveIdentity } from '../../src/platform/process-identity.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

/** Runs a program that passes `a`, `b`, `a`, `c` and logs them. */
const runPasser = (env: Record<string, string>) => {
  const log = join(makeTempDir(), 'passed')
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'fixtures', 'passer.ts'), 'a', 'b', 'a', 'c'],
    {
      env: { PATH: process.env.PATH, OC_SUPERVISE_FAILPOINT_LOG: log, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  return {
    child,
    passed: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
  }
}

describe('failPoint', () => {
  test('unset, nothing happens but the log', async () => {
    const { child, passed } = runPasser({})
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(passed()).toEqual(['a', 'b', 'a', 'c'])
  })

  test.each([
    ['b=kill', ['a', 'b']],
    ['a#2=kill', ['a', 'b', 'a']],
    ['zzz=kill; a#1=kill', ['a']],
  ])('%s kills where it says', async (points, expected) => {
    const { child, passed } = runPasser({ OC_SUPERVISE_FAILPOINT: points })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    expect(passed()).toEqual(expected)
  })

  test('with a file that says so, only the first process to come by acts', async () => {
    const file = join(makeTempDir(), 'once')
    const env = { OC_SUPERVISE_FAILPOINT: 'b=kill', OC_SUPERVISE_FAILPOINT_ONCE: file }
    const first = runPasser(env)
    expect(await once(first.child, 'exit')).toEqual([null, 'SIGKILL'])
    expect(readFileSync(file, 'utf8')).toBe(`${first.child.pid} b\n`)
    const second = runPasser(env)
    expect(await once(second.child, 'exit')).toEqual([0, null])
    expect(second.passed()).toEqual(['a', 'b', 'a', 'c'])
  })

  test('stop stops, and the process goes on when continued', async () => {
    const { child, passed } = runPasser({ OC_SUPERVISE_FAILPOINT: 'b=stop' })
    const identity = await until(() => identityOf(child.pid ?? 0))
    await until(() => proveIdentity(identity).proof === 'halted')
    expect(passed()).toEqual(['a', 'b'])
    child.kill('SIGCONT')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('a misspelt point is an error, not a test that proves nothing', async () => {
    const { child } = runPasser({ OC_SUPERVISE_FAILPOINT: 'a=explode' })
    expect(await once(child, 'exit')).toEqual([1, null])
    expect(() => parseFailPoints('a#0=kill')).toThrow("'a#0=kill' is not")
  })

  test('several points and blanks', () => {
    expect(parseFailPoints(' a=kill ;; b.c#3=stop;')).toEqual([
      { name: 'a', nth: 1, signal: 'SIGKILL' },
      { name: 'b.c', nth: 3, signal: 'SIGSTOP' },
    ])
  })
})
