import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { isUp, untilStatus } from './support/live-status.ts'
import { plainManifest, QUICK_PROBES } from './support/plain-manifest.ts'
import { oc } from './support/product.ts'
import { makeSystem } from './support/system.ts'

const MANIFEST = plainManifest(
  'refusals',
  `agents:
  any: {type: command, command: ["true"]}
lanes:
  goal: {agent: any}
${QUICK_PROBES}`,
)

describe('a refusal with --json is one object with its code', () => {
  test('where nothing runs', async () => {
    const system = makeSystem(MANIFEST)
    for (const [args, code] of [
      [['stop'], 'not_running'],
      [['pause'], 'not_running'],
      [['unpause'], 'not_running'],
      [['restart', 'goal'], 'not_running'],
      [['inspect', '--port', '0'], 'never_run'],
    ] as const) {
      const refused = await system.oc([...args, '--json'])
      expect(refused, args[0]).toMatchObject({ code: 1 })
      expect(JSON.parse(refused.stdout)).toEqual({ ok: false, code, message: expect.any(String) })
    }
    mkdirSync(system.layout.root, { recursive: true })
    writeFileSync(system.layout.journal, 'no journal, and long enough to be looked at as one'.repeat(100))
    const run = await system.oc(['run', '--json'])
    expect(run.code).toBe(1)
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, code: 'journal_unreadable' })
  }, 60_000)

  test('and where something does', async () => {
    const system = makeSystem(MANIFEST)
    const detached = await system.oc(['run', '--detach', '--json'])
    expect(detached).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(detached.stdout)).toEqual({
      ok: true,
      name: 'refusals',
      pid: expect.any(Number),
      stateDir: system.layout.root,
      log: system.layout.log('supervisor'),
    })
    await untilStatus(system, isUp, 'up')
    const second = await system.oc(['run', '--json'])
    expect(second.code).toBe(1)
    expect(JSON.parse(second.stdout)).toMatchObject({ ok: false, code: 'supervisor_already_running' })
    expect(await system.json(['restart', 'nope'])).toEqual({
      ok: false,
      code: 'refused',
      message: 'no child is called nope; known are goal',
    })
    expect(await system.json(['pause'])).toEqual({ ok: true, message: 'paused' })
    expect(await system.json(['stop'])).toEqual({ ok: true, message: 'stopped' })
  }, 60_000)
})

describe('a supervisor that died', () => {
  test('is not waited for, and what it left is named with what ends it', async () => {
    const system = makeSystem(MANIFEST)
    const run = system.start(['run'])
    const { children } = await untilStatus(system, isUp, 'up')
    run.signal('SIGSTOP')
    const stop = system.oc(['stop', '--json'])
    await until(() => readdirSync(system.layout.requests).length > 0, { what: 'it was asked' })
    run.signal('SIGKILL')
    const stopped = await stop
    expect(stopped.code).toBe(1)
    const { code, message } = JSON.parse(stopped.stdout)
    expect(code).toBe('not_running')
    expect(message).toContain(`lane goal (pid ${children[0]?.pid})`)
    expect(message).toMatch(/`oc-supervise run` takes them over.*`oc-supervise stop` then ends them/)
    expect(readdirSync(system.layout.requests)).toEqual([])
    expect((await system.json(['pause'])).message).toContain('lane goal')

    const again = system.start(['run'])
    await untilStatus(system, isUp, 'up again')
    expect(await system.oc(['stop'])).toMatchObject({ code: 0 })
    await again.ended
    expect((await system.json(['stop'])).message).not.toContain('lane goal')
  }, 60_000)
})

describe('what was typed wrong', () => {
  test('a demo goes only where a folder can be made', async () => {
    const file = makeSystem(MANIFEST).write('a-file', '')
    for (const path of [file, `${file}/below`, '/proc/x', '/proc/x/y']) {
      const refused = await oc(['demo', '--workspace-path', path])
      expect(refused, path).toMatchObject({ code: 2, stdout: '' })
      expect(refused.stderr).toContain(`--workspace-path "${path}" is no folder we can write`)
    }
  }, 30_000)

  test('nor does a state folder hang where none can be made', async () => {
    const system = makeSystem(MANIFEST.replace('state_dir: state', 'state_dir: /proc/x'))
    for (const args of [['run'], ['run', '--detach'], ['task', 'add', '--goal', 'x']])
      expect(await system.oc(args)).toMatchObject({ code: 1, stderr: expect.stringContaining('/proc/x') })
  }, 30_000)

  test('kinds and priorities that there are not', async () => {
    const system = makeSystem(MANIFEST)
    const kind = await system.oc(['task', 'add', '--goal', 'x', '--kind', 'zzz'])
    expect(kind).toMatchObject({ code: 2, stdout: '' })
    expect(kind.stderr).toContain('--kind "zzz" is not known; use one of goal, test, improve')
    const priority = await system.oc(['task', 'add', '--goal', 'x', '--priority', 'zzz'])
    expect(priority.stderr).toContain('--priority "zzz" is not known; use one of urgent, high, normal, low')
    await system.addTask('x')
    const listed = await system.oc(['task', 'list', '--kind', 'zzz'])
    expect(listed).toMatchObject({ code: 2, stderr: kind.stderr })
  }, 30_000)

  test('doctor --fix-safe leaves nothing in a folder that is not ours', async () => {
    const system = makeSystem(MANIFEST)
    const before = readdirSync(system.dir)
    await oc(['doctor', '--fix-safe', '--state-dir', system.dir])
    expect(readdirSync(system.dir)).toEqual(before)
  }, 30_000)
})
