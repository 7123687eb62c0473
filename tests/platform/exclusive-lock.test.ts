import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, test } from 'vitest'
import { acquireLock } from '../../src/platform/exclusive-lock.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'

const holders: ChildProcess[] = []
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL')
})

const startHolder = async (path: string) => {
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', 'lock-holder.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  holders.push(holder)
  const lines = createInterface(holder.stdout)[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => (await lines.next()).value ?? ''
  return { holder, nextLine, said: await nextLine() }
}

describe('acquireLock', () => {
  test('one holder in one process, again after release', () => {
    const path = join(makeTempDir(), 'lock')
    const lock = acquireLock(path)
    expect(lock).not.toBeNull()
    expect(acquireLock(path)).toBeNull()
    lock?.release()
    lock?.release()
    const again = acquireLock(path)
    expect(again).not.toBeNull()
    again?.release()
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  test('another process holds it: null at once; killed with -9 it is free at once', async () => {
    const path = join(makeTempDir(), 'lock')
    const { holder, said } = await startHolder(path)
    expect(said).toBe('held')
    const before = performance.now()
    expect(acquireLock(path)).toBeNull()
    expect(performance.now() - before).toBeLessThan(5_000)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const lock = acquireLock(path)
    expect(lock).not.toBeNull()
    lock?.release()
  })

  test('a failed try of ours does not free what we hold', async () => {
    const path = join(makeTempDir(), 'lock')
    const lock = acquireLock(path)
    expect(acquireLock(path)).toBeNull()
    const { holder, said } = await startHolder(path)
    expect(said).toBe('refused')
    await until(() => holder.exitCode === 0)
    lock?.release()
  })

  test('survives garbage collection of what it returned', async () => {
    const path = join(makeTempDir(), 'lock')
    const { holder, nextLine, said } = await startHolder(path)
    expect(said).toBe('held')
    // The holder collects its garbage when told to, then answers.
    holder.kill('SIGUSR2')
    expect(await nextLine()).toBe('collected')
    expect(acquireLock(path)).toBeNull()
  })

  test('a file that cannot be a lock is an error that names it', () => {
    const dir = makeTempDir()
    writeFileSync(join(dir, 'text'), 'x'.repeat(4096))
    expect(() => acquireLock(join(dir, 'text'))).toThrow(/text cannot be locked .*remove it/)
    mkdirSync(join(dir, 'folder'))
    expect(() => acquireLock(join(dir, 'folder'))).toThrow(/folder cannot be locked/)
  })
})
