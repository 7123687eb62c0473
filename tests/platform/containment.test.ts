import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bestContainment, contain } from '../../src/platform/containment.ts'
import { endProcess } from '../../src/platform/end-process.ts'
import { processTable } from '../../src/platform/process-table.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { startRegistered } from './start-registered.ts'

const best = bestContainment()
if (best !== 'namespace') console.warn('containment: no PID namespaces on this host; their tests are skipped')

/** Starts `script` in a namespace; its sleeps are recognised by a length of their own. */
const startContained = async (dir: string, script: string) =>
  startRegistered(dir, contain(['sh', '-c', script], 'namespace'))

const sleepers = (length: string) =>
  processTable.list().filter((entry) => {
    try {
      return readFileSync(`/proc/${entry.pid}/cmdline`, 'utf8') === `sleep\0${length}\0`
    } catch {
      return false
    }
  })

/** A duration nobody else sleeps for. */
const ownLength = (n: number): string => `6${process.pid}.${n}`

describe('contain', () => {
  test('at level swept the argv is left as it is', () => {
    expect(contain(['a', 'b c'], 'swept')).toEqual(['a', 'b c'])
  })
})

describe.runIf(best === 'namespace')('a PID namespace', () => {
  test.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -9 $$', 137],
  ])('passes on the exit code of: %s', async (script, exitCode) => {
    const child = await startContained(makeTempDir(), script)
    expect(await child.exited).toEqual({ exitCode, signal: null })
  })

  test('arguments arrive as they are', async () => {
    const dir = makeTempDir()
    const child = await startRegistered(
      dir,
      contain(['printf', '%s|', '$(id)', 'a b', '', '--help'], 'namespace'),
    )
    await child.exited
    expect(readFileSync(join(dir, 'stdout'), 'utf8')).toBe('$(id)|a b||--help|')
  })

  test('the program keeps our user, sees its own processes only, and does not know ours', async () => {
    const dir = makeTempDir()
    const child = await startContained(dir, 'id -u; ls /proc | grep -c "^[0-9]"; cat /proc/1/comm')
    await child.exited
    const [user, processes, first] = readFileSync(join(dir, 'stdout'), 'utf8').split('\n')
    expect(user).toBe(String(process.getuid?.()))
    expect(Number(processes)).toBeLessThan(8)
    expect(first).toBe('sh')
  })

  test('a grandchild in a session of its own dies with the namespace', async () => {
    const dir = makeTempDir()
    const length = ownLength(1)
    const child = await startContained(
      dir,
      `env -i setsid sleep ${length} & sleep 0.1; touch ready; read x </dev/null; exit 0`,
    )
    await until(() => existsSync(join(dir, 'ready')))
    await child.exited
    await until(() => sleepers(length).length === 0)
  })

  test('so it does when the first process is killed with -9', async () => {
    const length = ownLength(2)
    const child = await startContained(makeTempDir(), `env -i setsid sleep ${length} & sleep ${length}`)
    await until(() => sleepers(length).length === 2)
    process.kill(child.identity.pid, 'SIGKILL')
    await until(() => sleepers(length).length === 0)
  })

  test('the group’s TERM reaches the program, not its container', async () => {
    const dir = makeTempDir()
    const script = 'trap "echo saved; exit 9" TERM; echo up; while :; do sleep 0.02; done'
    const child = await startContained(dir, script)
    await until(() => readFileSync(join(dir, 'stdout'), 'utf8') === 'up\n')
    expect(await endProcess({ identity: child.identity, mark: child.intent.mark }, { graceMs: 10_000 })).toBe(
      'gone',
    )
    expect(await child.exited).toEqual({ exitCode: 9, signal: null })
    expect(readFileSync(join(dir, 'stdout'), 'utf8')).toBe('up\nsaved\n')
  })

  test('TERM ends a program that has no handler for it', async () => {
    const length = ownLength(3)
    const child = await startRegistered(makeTempDir(), contain(['sleep', length], 'namespace'))
    await until(() => sleepers(length).length === 1)
    process.kill(-child.identity.pid, 'SIGTERM')
    expect(await child.exited).toEqual({ exitCode: 143, signal: null })
  })
})
