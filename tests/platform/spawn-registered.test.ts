import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { endProcess } from '../../src/platform/end-process.ts'
import { identityOf, proveIdentity } from '../../src/platform/process-identity.ts'
import { processTable } from '../../src/platform/process-table.ts'
import { readRegistrations } from '../../src/platform/registrations.ts'
import { SpawnError } from '../../src/platform/spawn-error.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { startRegistered, startShell } from './start-registered.ts'

const read = (dir: string, name: string): string => readFileSync(join(dir, name), 'utf8')

describe('spawnRegistered', () => {
  test('the process is registered under its true identity, in its own session and group', async () => {
    const dir = makeTempDir()
    const child = await startRegistered(dir, ['sleep', '60'])
    expect(identityOf(child.identity.pid)).toEqual(child.identity)
    const found = processTable.read(child.identity.pid)
    expect(found).toMatchObject({ entry: { pgrp: child.identity.pid, session: child.identity.pid } })
    expect(readRegistrations(join(dir, 'registrations'))).toEqual([
      { intent: child.intent, identity: child.identity, dir: child.dir },
    ])
  })

  test('the registration is there before the first instruction of the program', async () => {
    const dir = makeTempDir()
    const child = await startShell(
      dir,
      'cat registrations/*/identity registrations/*/intent.json; cat /proc/$$/stat',
    )
    await child.exited
    const [identity, intent, stat] = read(dir, 'stdout').split('\n')
    expect(identity?.split(' ')[0]).toBe(String(child.identity.pid))
    expect(identity?.split(' ')[21]).toBe(stat?.split(' ')[21])
    expect(JSON.parse(intent ?? '')).toEqual(child.intent)
  })

  test('arguments arrive as they are, never read by a shell', async () => {
    const dir = makeTempDir()
    const hostile = ['$(touch pwned)', '`id`', "'", '"', '', 'a b', '*', '; exit 9', '\n', '-n', 'ä']
    const child = await startRegistered(dir, [
      process.execPath,
      '-p',
      'JSON.stringify(process.argv.slice(1))',
      '--',
      ...hostile,
    ])
    expect(await child.exited).toEqual({ exitCode: 0, signal: null })
    expect(JSON.parse(read(dir, 'stdout'))).toEqual(hostile)
    expect(readdirSync(dir)).not.toContain('pwned')
  })

  test.each([
    ['exit code', ['sh', '-c', 'exit 42'], { exitCode: 42, signal: null }],
    ['signal', ['sh', '-c', 'kill -9 $$'], { exitCode: null, signal: 'SIGKILL' }],
    ['program not found', ['no-such-program-here'], { exitCode: 127, signal: null }],
    ['program not executable', ['/etc/passwd'], { exitCode: 126, signal: null }],
  ])('its end is told: %s', async (_name, argv, expected) => {
    const child = await startRegistered(makeTempDir(), argv)
    expect(await child.exited).toEqual(expected)
  })

  test('a missing working folder is a clear error and leaves nothing behind', async () => {
    const dir = makeTempDir()
    const failing = startRegistered(dir, ['true'], { cwd: join(dir, 'nowhere'), subject: 'att-7' })
    await expect(failing).rejects.toThrow(SpawnError)
    await expect(failing).rejects.toThrow(/effect att-7 cannot start: .*nowhere/)
    expect(readdirSync(join(dir, 'registrations'))).toEqual([])
  })

  test('arguments the system refuses are a clear error and leave nothing behind', async () => {
    const dir = makeTempDir()
    const failing = startRegistered(dir, ['true', 'x'.repeat(4 * 1024 * 1024)])
    await expect(failing).rejects.toThrow(/E2BIG/)
    expect(readdirSync(join(dir, 'registrations'))).toEqual([])
  })

  test('an incarnation lives once', async () => {
    const dir = makeTempDir()
    const child = await startRegistered(dir, ['true'])
    const again = startRegistered(dir, ['true'], { incarnation: child.intent.incarnation })
    await expect(again).rejects.toThrow(/is taken/)
    expect(readRegistrations(join(dir, 'registrations'))).toHaveLength(1)
  })

  test('a process that cannot register itself does not run', async () => {
    const dir = makeTempDir()
    const incarnation = 'inc-blocked' as never
    mkdirSync(join(dir, 'registrations', 'inc-blocked', 'identity'), { recursive: true })
    const child = await startShell(dir, 'touch ran', { incarnation })
    expect(await child.exited).toEqual({ exitCode: 125, signal: null })
    expect(readdirSync(dir)).not.toContain('ran')
  })

  test('standard input comes from its file, the secret as descriptor 3, and files are private', async () => {
    const dir = makeTempDir()
    writeFileSync(join(dir, 'in'), 'from stdin\n')
    writeFileSync(join(dir, 'secret'), 'from descriptor 3\n')
    const child = await startShell(dir, 'cat; cat <&3; echo oops >&2', {
      stdinFile: join(dir, 'in'),
      secretFile: join(dir, 'secret'),
    })
    await child.exited
    expect(read(dir, 'stdout')).toBe('from stdin\nfrom descriptor 3\n')
    expect(read(dir, 'stderr')).toBe('oops\n')
    for (const file of ['stdout', join('registrations', child.intent.incarnation, 'intent.json')]) {
      expect(statSync(join(dir, file)).mode & 0o077).toBe(0)
    }
  })

  test('output is appended, never truncated', async () => {
    const dir = makeTempDir()
    for (const word of ['one', 'two']) await (await startRegistered(dir, ['echo', word])).exited
    expect(read(dir, 'stdout')).toBe('one\ntwo\n')
  })

  test('supervision row 13: the end is told although a grandchild holds its output open', async () => {
    const dir = makeTempDir()
    const child = await startShell(dir, 'sleep 60 & exit 5')
    expect(await child.exited).toEqual({ exitCode: 5, signal: null })
    await endProcess({ identity: child.identity, mark: child.intent.mark }, { graceMs: 0 })
  })
})

describe('when the process that spawns is killed', () => {
  const fixture = join(import.meta.dirname, 'fixtures', 'spawner.ts')
  const runSpawner = (dir: string, env: Record<string, string> = {}) =>
    spawn(process.execPath, [fixture, dir], { env: { PATH: process.env.PATH, ...env }, stdio: 'inherit' })

  test('between intent and start: an intent with a null identity, and no process', async () => {
    const dir = makeTempDir()
    const spawner = runSpawner(dir, { OC_SUPERVISE_FAILPOINT: 'spawn.effect.intent_written=kill' })
    await new Promise((resolve) => spawner.once('exit', resolve))
    expect(spawner.signalCode).toBe('SIGKILL')
    const [registration, ...others] = readRegistrations(join(dir, 'registrations'))
    expect(others).toEqual([])
    expect(registration?.identity).toBeNull()
    expect(registration?.intent.argv[0]).toBe('sh')
  })

  test('after the start: the child registers itself, lives on, keeps writing, and can be found and ended', async () => {
    const dir = makeTempDir()
    const spawner = runSpawner(dir, { OC_SUPERVISE_FAILPOINT: 'spawn.effect.started=kill' })
    await new Promise((resolve) => spawner.once('exit', resolve))
    const registration = await until(() =>
      readRegistrations(join(dir, 'registrations')).find((found) => found.identity !== null),
    )
    const { identity } = registration
    if (identity === null) throw new Error('unreachable')
    const before = await until(() => read(dir, 'stdout').length)
    await until(() => read(dir, 'stdout').length > before)
    expect(proveIdentity(identity).proof).toBe('alive')
    const ended = await endProcess({ identity, mark: registration.intent.mark }, { graceMs: 1_000 })
    expect(ended).toBe('gone')
    // Nobody of ours is its parent any more: until an init collects it, it may be seen as a zombie.
    expect(['gone', 'halted']).toContain(proveIdentity(identity).proof)
    const written = read(dir, 'stdout').length
    await systemClock.sleep(60)
    expect(read(dir, 'stdout').length).toBe(written)
  })
})
