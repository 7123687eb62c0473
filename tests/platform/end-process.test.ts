import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { endProcess, findMarked } from '../../src/platform/end-process.ts'
import { killTree } from '../../src/platform/kill-tree.ts'
import { identityOf, proveIdentity, selfIdentity } from '../../src/platform/process-identity.ts'
import { randomHex } from '../../src/platform/random.ts'
import type { RegisteredProcess } from '../../src/platform/spawn-registered.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { startRegistered, startShell } from './start-registered.ts'

const targetOf = (child: RegisteredProcess) => ({ identity: child.identity, mark: child.intent.mark })

/** The identity of the process whose pid a script wrote to a file. */
const identityIn = (dir: string, name: string) =>
  until(() => {
    const text = existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : ''
    return text.endsWith('\n') ? identityOf(Number(text)) : null
  })

const isGone = (identity: Parameters<typeof proveIdentity>[0]): boolean => {
  const { proof, ...facts } = proveIdentity(identity)
  return proof === 'gone' || ('state' in facts && facts.state === 'Z')
}

describe('endProcess', () => {
  test('a polite process ends by the signal within its grace', async () => {
    const dir = makeTempDir()
    const child = await startShell(dir, 'trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.02; done')
    await until(() => readFileSync(join(dir, 'stdout'), 'utf8') === 'up\n')
    expect(await endProcess(targetOf(child), { graceMs: 10_000 })).toBe('gone')
    expect(await child.exited).toEqual({ exitCode: 3, signal: null })
  })

  test('another first signal can be asked for', async () => {
    const child = await startRegistered(makeTempDir(), ['sleep', '60'])
    expect(await endProcess(targetOf(child), { signal: 'SIGINT', graceMs: 10_000 })).toBe('gone')
    expect(await child.exited).toEqual({ exitCode: null, signal: 'SIGINT' })
  })

  test('a deaf process is killed after its grace, not before', async () => {
    const dir = makeTempDir()
    const child = await startShell(dir, 'trap "" TERM; echo up; while :; do sleep 0.02; done')
    await until(() => readFileSync(join(dir, 'stdout'), 'utf8') === 'up\n')
    const before = performance.now()
    expect(await endProcess(targetOf(child), { graceMs: 300 })).toBe('gone')
    expect(performance.now() - before).toBeGreaterThan(290)
    expect(await child.exited).toEqual({ exitCode: null, signal: 'SIGKILL' })
  })

  test('a stopped process is continued so that it can end by itself', async () => {
    const dir = makeTempDir()
    const child = await startShell(dir, 'trap "exit 4" TERM; echo up; while :; do sleep 0.02; done')
    await until(() => readFileSync(join(dir, 'stdout'), 'utf8') === 'up\n')
    process.kill(child.identity.pid, 'SIGSTOP')
    await until(() => proveIdentity(child.identity).proof === 'halted')
    expect(await endProcess(targetOf(child), { graceMs: 10_000 })).toBe('gone')
    expect(await child.exited).toEqual({ exitCode: 4, signal: null })
  })

  test('a process that ended before is gone, at once', async () => {
    const child = await startRegistered(makeTempDir(), ['true'])
    await child.exited
    expect(await endProcess(targetOf(child), { graceMs: 60_000 })).toBe('gone')
  })

  test('refuses to end this very process', async () => {
    const target = { identity: selfIdentity(), mark: randomHex(16) }
    await expect(endProcess(target, { graceMs: 0 })).rejects.toThrow('this very process')
  })

  test('supervision row 9: grandchildren end with their parent', async () => {
    const dir = makeTempDir()
    const child = await startShell(dir, 'sh -c "sleep 60 & echo \\$! >grandchild; wait"; wait')
    const grandchild = await identityIn(dir, 'grandchild')
    expect(await endProcess(targetOf(child), { graceMs: 5_000 })).toBe('gone')
    expect(isGone(grandchild)).toBe(true)
  })

  test('supervision row 10: a child that leads no group is signalled alone, never by the group it shares with us', async () => {
    const mark = randomHex(16)
    const env = { PATH: process.env.PATH, OC_SUPERVISE_MARK: mark }
    const child = spawn('sleep', ['60'], { env, stdio: 'ignore' })
    const bystander = spawn('sleep', ['60'], { env: { PATH: process.env.PATH }, stdio: 'ignore' })
    const identity = identityOf(child.pid ?? 0)
    const ended = once(child, 'exit')
    expect(await endProcess({ identity, mark }, { graceMs: 5_000 })).toBe('gone')
    expect(await ended).toEqual([null, 'SIGTERM'])
    expect(identityOf(bystander.pid ?? 0)).not.toBeNull()
    bystander.kill('SIGKILL')
  })

  test('supervision row 11: the leader is dead, its group is not', async () => {
    const dir = makeTempDir()
    const child = await startShell(dir, 'sleep 60 & echo $! >member; exit 0')
    const member = await identityIn(dir, 'member')
    await child.exited
    expect(proveIdentity(child.identity).proof).toBe('gone')
    expect(await endProcess(targetOf(child), { graceMs: 0 })).toBe('gone')
    expect(isGone(member)).toBe(true)
  })

  test('supervision row 11: a nested setsid escapes the group but not the mark', async () => {
    const dir = makeTempDir()
    const child = await startShell(
      dir,
      'setsid setsid sh -c "echo \\$\\$ >escaped; exec sleep 60" & wait; sleep 60',
    )
    const escaped = await identityIn(dir, 'escaped')
    expect(await endProcess(targetOf(child), { graceMs: 5_000 })).toBe('gone')
    expect(isGone(escaped)).toBe(true)
  })

  test('a descendant that left the group and cleared its environment is found by ancestry', async () => {
    const dir = makeTempDir()
    const child = await startShell(dir, 'env -i setsid -w sh -c "echo \\$\\$ >escaped; /bin/sleep 60; :"; :')
    const escaped = await identityIn(dir, 'escaped')
    expect(findMarked(child.intent.mark)).not.toContain(escaped.pid)
    expect(await endProcess(targetOf(child), { graceMs: 5_000 })).toBe('gone')
    expect(isGone(escaped)).toBe(true)
  })

  test('without an identity (a half-written registration) the mark alone finds it', async () => {
    const child = await startRegistered(makeTempDir(), ['sleep', '60'])
    expect(await endProcess({ identity: null, mark: child.intent.mark }, { graceMs: 0 })).toBe('gone')
    expect(isGone(child.identity)).toBe(true)
  })

  test('supervision row 15: a reused pid is not touched', async () => {
    const stranger = await startRegistered(makeTempDir(), ['sleep', '60'])
    const stale = { ...stranger.identity, startTicks: stranger.identity.startTicks - 1 }
    expect(await endProcess({ identity: stale, mark: randomHex(16) }, { graceMs: 0 })).toBe('gone')
    expect(
      await endProcess(
        { identity: { ...stranger.identity, bootId: 'other' }, mark: randomHex(16) },
        { graceMs: 0 },
      ),
    ).toBe('gone')
    expect(proveIdentity(stranger.identity).proof).toBe('alive')
  })

  test('another incarnation below it (a keeper under its lane) lives on, with what it started', async () => {
    const dir = makeTempDir()
    const other = randomHex(16)
    const script = `OC_SUPERVISE_MARK=${other} setsid sh -c 'env -i /bin/sleep 60 & echo $! >agent; echo $$ >keeper; wait' & wait; sleep 60`
    const child = await startShell(dir, script)
    const [keeper, agent] = [await identityIn(dir, 'keeper'), await identityIn(dir, 'agent')]
    expect(await endProcess(targetOf(child), { graceMs: 5_000 })).toBe('gone')
    expect(proveIdentity(keeper).proof).toBe('alive')
    expect(proveIdentity(agent).proof).toBe('alive')
    expect(await endProcess({ identity: keeper, mark: other }, { graceMs: 0 })).toBe('gone')
    expect(isGone(agent)).toBe(true)
  })

  test('a process that keeps forking is outrun', async () => {
    const dir = makeTempDir()
    const script = 'trap "" TERM; while :; do (sleep 60 &) ; setsid sleep 60 & echo x; sleep 0.01; done'
    const child = await startShell(dir, script)
    await until(() => readFileSync(join(dir, 'stdout'), 'utf8').length > 20)
    expect(await endProcess(targetOf(child), { graceMs: 50 })).toBe('gone')
    expect(findMarked(child.intent.mark)).toEqual([])
  })

  test('forty at once share their looks at the process table', async () => {
    const dir = makeTempDir()
    const children = await Promise.all(
      Array.from({ length: 40 }, () => startRegistered(dir, ['sleep', '60'])),
    )
    const ended = await Promise.all(children.map((child) => endProcess(targetOf(child), { graceMs: 5_000 })))
    expect(new Set(ended)).toEqual(new Set(['gone']))
    expect(children.every((child) => proveIdentity(child.identity).proof === 'gone')).toBe(true)
  })
})

test('killTree ends a process and its descendants', async () => {
  const dir = makeTempDir()
  const child = await startShell(dir, 'sh -c "sleep 60 & echo \\$! >grandchild; wait"; wait')
  const grandchild = await identityIn(dir, 'grandchild')
  await killTree(child.identity.pid)
  await until(() => isGone(child.identity) && isGone(grandchild))
})
