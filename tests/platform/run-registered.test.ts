import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findMarked } from '../../src/platform/end-process.ts'
import { newId } from '../../src/platform/random.ts'
import { type RunOptions, runRegistered } from '../../src/platform/run-registered.ts'
import { SpawnError } from '../../src/platform/spawn-error.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const run = (dir: string, script: string, extra: Partial<RunOptions> = {}) =>
  runRegistered({
    role: 'effect',
    subject: 'test',
    owner: newId('inc'),
    registrationsDir: join(dir, 'registrations'),
    argv: ['sh', '-c', script],
    cwd: dir,
    env: {},
    timeoutMs: 15_000,
    ...extra,
  })

const markPrinted = (stdout: string): string => /MARK=(\w+)/.exec(stdout)?.[1] ?? ''

describe('runRegistered', () => {
  test('gives input, collects output and exit code, and forgets its registration', async () => {
    const dir = makeTempDir()
    const result = await run(dir, 'cat; echo err >&2; exit 3', { input: 'hello\n' })
    expect(result).toEqual({
      exitCode: 3,
      signal: null,
      timedOut: false,
      overflowed: false,
      overstepped: null,
      stdout: 'hello\n',
      stderr: 'err\n',
    })
    expect(readdirSync(join(dir, 'registrations'))).toEqual([])
  })

  test('at its timeout the whole tree is ended, deaf programs too', async () => {
    const dir = makeTempDir()
    const script =
      'echo MARK=$OC_SUPERVISE_MARK; trap "" TERM; setsid sleep 61 & while :; do sleep 0.05; done'
    const result = await run(dir, script, { timeoutMs: 300, graceMs: 100 })
    expect(result).toMatchObject({ timedOut: true, exitCode: null, signal: 'SIGKILL' })
    expect(findMarked(markPrinted(result.stdout))).toEqual([])
  })

  test('a program that ends at TERM tells its own exit code', async () => {
    const result = await run(makeTempDir(), 'trap "exit 7" TERM; while :; do sleep 0.02; done', {
      timeoutMs: 200,
    })
    expect(result).toMatchObject({ timedOut: true, exitCode: 7, signal: null })
  })

  test('what it leaves running does not outlive it', async () => {
    const result = await run(makeTempDir(), 'echo MARK=$OC_SUPERVISE_MARK; setsid sleep 61 & exit 0')
    expect(result.exitCode).toBe(0)
    expect(findMarked(markPrinted(result.stdout))).toEqual([])
  })

  test('what was written for a process that cannot start is removed', async () => {
    const dir = makeTempDir()
    const failing = run(dir, 'true', { cwd: join(dir, 'nowhere'), input: 'secret' })
    await expect(failing).rejects.toThrow(SpawnError)
    expect(readdirSync(join(dir, 'registrations'))).toEqual([])
  })

  test('a flood of output ends it, and what is returned is bounded', async () => {
    const result = await run(makeTempDir(), 'yes', { maxOutputBytes: 10_000 })
    expect(result).toMatchObject({ overflowed: true, timedOut: false, signal: 'SIGTERM' })
    expect(result.stdout).toBe('y\n'.repeat(5_000))
  })

  test('so is a flood that is larger by the time it is over than can be read at once', async () => {
    const script = 'printf hello; truncate -s 3G /dev/stdout /dev/stderr'
    const result = await run(makeTempDir(), script, { maxOutputBytes: 5 })
    expect(result).toMatchObject({ overflowed: true, stdout: 'hello', stderr: '\0'.repeat(5) })
  })

  test('where it cannot be looked at it is ended all the same, and why is told', async () => {
    const dir = makeTempDir()
    const ceiling = (): never => {
      throw new Error('ps: EAGAIN')
    }
    await expect(run(dir, 'setsid sleep 61 & sleep 61', { ceiling })).rejects.toThrow('ps: EAGAIN')
    expect(readdirSync(join(dir, 'registrations'))).toEqual([])
  })
})
