import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ChildRecord, StatusFile } from '../../../src/contracts/status.ts'
import { writeJsonAtomic } from '../../../src/platform/atomic-file.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { plusMs } from '../../../src/platform/instant-math.ts'
import { selfIdentity } from '../../../src/platform/process-identity.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { childRecord, claimOf, makeTree, startStandin, status, writeBeat } from './status-fixture.ts'

const LIVE = [0, 'live_attached']
const WAITING = [10, 'waiting_state_observed']
const UNPROVEN = [11, 'attachment_unproven']
const TERMINAL = [12, 'terminal_observed']
const SNAPSHOT = [13, 'snapshot_only']

const statLine = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8')

const gate: StatusFile['attention'][number] = {
  kind: 'open_gate',
  subject: 'gate-1',
  reason: 'merge wants approval',
  action: 'oc-supervise gate show gate-1',
}

describe('what real processes make it say', () => {
  test('a proved tree is live; a killed lane is not, a stopped one neither', async () => {
    const { layout, lane } = await makeTree()
    expect(await claimOf(layout.root)).toEqual(LIVE)
    await lane.signal('SIGSTOP')
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
    await lane.signal('SIGCONT')
    expect(await claimOf(layout.root)).toEqual(LIVE)
    await lane.signal('SIGKILL')
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
    expect((await status(layout.root)).out).toMatch(/not proved: goal \(its process is gone\)/)
  })

  test('a dead supervisor: survivors first, then only a snapshot', async () => {
    const { layout, supervisor, lane } = await makeTree()
    await supervisor.signal('SIGKILL')
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
    expect((await status(layout.root)).out).toMatch(/survivors: 1/)
    await lane.signal('SIGKILL')
    expect(await claimOf(layout.root)).toEqual(SNAPSHOT)
  })

  test('a stopped supervisor, and one that no longer writes, are unproven', async () => {
    const { layout, supervisor, write } = await makeTree()
    await supervisor.signal('SIGSTOP')
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
    await supervisor.signal('SIGCONT')
    expect(await claimOf(layout.root)).toEqual(LIVE)
    write({ writtenAt: plusMs(systemClock.now(), -46_000) })
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
    expect((await status(layout.root)).out).toMatch(/last wrote 46 s ago/)
  })

  test('a clean stop is terminal only when nothing lives', async () => {
    const { layout, supervisor, lane, write } = await makeTree()
    write({ cleanStop: { at: systemClock.now(), terminal: 'passed' } })
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
    await supervisor.signal('SIGKILL')
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
    await lane.signal('SIGKILL')
    expect(await claimOf(layout.root)).toEqual(TERMINAL)
    expect(await claimOf(layout.root, '--accept', 'waiting,terminal')).toEqual([0, 'terminal_observed'])
  })

  test('registrations and keepers that status.json never knew count as survivors', async () => {
    const { layout, supervisor, lane, write } = await makeTree()
    await supervisor.signal('SIGKILL')
    await lane.signal('SIGKILL')
    write({ cleanStop: { at: systemClock.now(), terminal: 'stopped' } })
    const effect = await startStandin()
    const dir = layout.registration('inc-9')
    mkdirSync(dir)
    writeJsonAtomic(join(dir, 'intent.json'), { role: 'effect', subject: 'push', at: systemClock.now() })
    // Half-written: it never came to run.
    expect(await claimOf(layout.root)).toEqual(TERMINAL)
    writeFileSync(join(dir, 'identity'), statLine(effect.identity.pid))
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
    await effect.signal('SIGKILL')
    expect(await claimOf(layout.root)).toEqual(TERMINAL)
    // A killed keeper whose agent still runs.
    const agent = await startStandin()
    const keeper = layout.keeperDir('att-1')
    mkdirSync(keeper)
    writeJsonAtomic(join(keeper, 'keeper.json'), { identity: { ...agent.identity, startTicks: 1 } })
    writeFileSync(join(keeper, 'agent.identity'), statLine(agent.identity.pid))
    expect((await status(layout.root)).out).toMatch(/survivor: agent att-1/)
    writeFileSync(join(keeper, 'exit.json'), '{}')
    expect(await claimOf(layout.root)).toEqual(TERMINAL)
  })

  test('a supervisor that has started and not written yet is neither the old end nor live', async () => {
    const { layout, supervisor, lane, write } = await makeTree()
    await supervisor.signal('SIGKILL')
    await lane.signal('SIGKILL')
    write({ cleanStop: { at: systemClock.now(), terminal: 'passed' } })
    writeJsonAtomic(layout.lockOwner, { identity: selfIdentity() })
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
  })

  test('another boot proves nothing alive', async () => {
    const { layout, file, supervisor } = await makeTree()
    const earlier = JSON.stringify(file()).replaceAll(supervisor.identity.bootId, 'another-boot')
    writeFileSync(layout.status, earlier)
    expect(await claimOf(layout.root)).toEqual(SNAPSHOT)
  })
})

describe('waiting', () => {
  test('paused, or nothing in flight and somebody to decide', async () => {
    const { layout, write } = await makeTree()
    write({ paused: true })
    expect(await claimOf(layout.root)).toEqual(WAITING)
    write({ attention: [gate] })
    expect(await claimOf(layout.root)).toEqual(WAITING)
    expect(await claimOf(layout.root, '--accept=waiting')).toEqual([0, 'waiting_state_observed'])
    const run = { run: 'run-1', task: 'task-1', state: 'active' as const, lane: 'goal', attempt: null }
    write({ attention: [gate], runs: [run] })
    expect(await claimOf(layout.root)).toEqual(LIVE)
  })

  test('one thing in flight or waiting is counted once', async () => {
    const { layout, supervisor, write } = await makeTree()
    const count = async () => {
      const { active, waiting } = JSON.parse((await status(layout.root, '--json')).out)
      return { active, waiting }
    }
    const run = (task: string, state: 'active' | 'waiting' | 'ended', lane = 'goal') => ({
      ...{ run: `run-of-${task}`, task, state, lane, attempt: null },
    })
    const keeper = { attempt: 'att-1', task: 'task-1', identity: supervisor.identity }
    write({ runs: [run('task-1', 'active'), run('task-2', 'active')], keepers: [keeper] })
    expect(await count()).toEqual({ active: 2, waiting: 0 })
    write({ keepers: [keeper] })
    expect(await count()).toEqual({ active: 1, waiting: 0 })
    write({ runs: [run('task-1', 'waiting')], attention: [gate] })
    expect(await count()).toEqual({ active: 0, waiting: 1 })
    const blocked = { kind: 'blocked_task' as const, subject: 'task-2', reason: 'r', action: 'a' }
    write({ runs: [run('task-1', 'waiting'), run('task-2', 'ended')], attention: [gate, blocked] })
    expect(await count()).toEqual({ active: 0, waiting: 2 })
    write({ runs: [run('task-2', 'ended')], attention: [blocked, { ...blocked, reason: 'and more' }] })
    expect(await count()).toEqual({ active: 0, waiting: 1 })
    writeBeat(layout, 'goal', { doing: 'waiting', detail: 'quota' })
    write({ runs: [run('task-1', 'waiting')] })
    expect(await count()).toEqual({ active: 0, waiting: 1 })
    write({ runs: [run('task-1', 'waiting', 'test')] })
    expect(await count()).toEqual({ active: 0, waiting: 2 })
  })

  test('a lane that says it waits for a window', async () => {
    const { layout } = await makeTree()
    writeBeat(layout, 'goal', { doing: 'waiting', detail: 'window closed' })
    expect(await claimOf(layout.root)).toEqual(WAITING)
  })

  test.each<[string, Partial<ChildRecord>]>([
    ['starting', { state: 'starting' }],
    ['backing off', { state: 'backingOff' }],
    ['quarantined', { state: 'quarantined' }],
    ['stale', { provedAt: { wallMs: 0, monoMs: 0, bootId: 'x' } }],
  ])('a wanted child that is %s comes before that', async (_name, overrides) => {
    const { layout, lane, write } = await makeTree()
    write({ paused: true, children: [childRecord(lane.identity, overrides)] })
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
  })
})

describe('one run', () => {
  const run = (state: 'active' | 'waiting' | 'ended'): StatusFile['runs'][number] => ({
    run: 'run-1',
    task: 'task-1',
    state,
    lane: 'goal',
    attempt: 'att-1',
  })
  const claim = async (dir: string): Promise<[number, string]> => {
    const { code, out } = await status(dir, '--exit-code', '--json', '--run-id', 'run-1')
    return [code, JSON.parse(out).run.claim]
  }

  test('by its keeper, its owner and its state', async () => {
    const { layout, supervisor, lane, write } = await makeTree()
    const keeper = await startStandin()
    const keepers = [{ attempt: 'att-1', task: 'task-1', identity: keeper.identity }]
    write({ runs: [run('active')], keepers })
    expect(await claim(layout.root)).toEqual(LIVE)
    await keeper.signal('SIGSTOP')
    expect(await claim(layout.root)).toEqual(UNPROVEN)
    await keeper.signal('SIGCONT')
    await lane.signal('SIGSTOP')
    expect(await claim(layout.root)).toEqual(UNPROVEN)
    await lane.signal('SIGCONT')
    write({ runs: [run('waiting')] })
    expect(await claim(layout.root)).toEqual(WAITING)
    write({ runs: [run('ended')] })
    expect(await claim(layout.root)).toEqual(TERMINAL)
    write({ runs: [run('active')], keepers })
    for (const each of [supervisor, lane, keeper]) await each.signal('SIGKILL')
    expect(await claim(layout.root)).toEqual(SNAPSHOT)
  })

  test('with evidence and nothing in flight it has ended; unknown is a usage error', async () => {
    const { layout } = await makeTree()
    expect(await status(layout.root, '--run-id', 'run-1')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('run-1 is not known'),
    })
    mkdirSync(layout.runDir('run-1'))
    expect(await claim(layout.root)).toEqual(TERMINAL)
  })
})

describe('what stands in the files', () => {
  test('nothing', async () => {
    const dir = makeTempDir('status')
    expect(await claimOf(dir)).toEqual(SNAPSHOT)
    expect((await status(dir)).out).toBe(`snapshot_only  ${dir}: nothing was ever recorded in ${dir}\n`)
    expect(await claimOf(join(dir, 'no/such/folder'))).toEqual(SNAPSHOT)
  })

  test.each<[string, (file: Record<string, unknown>) => string, RegExp]>([
    ['half a file', (file) => JSON.stringify(file).slice(0, 200), /status\.json cannot be used: /],
    ['an empty file', () => '', /status\.json cannot be used: /],
    ['not ours', () => '{"hello":"world"}', /v is undefined; this version reads 1/],
    ['a list', () => '[]', /it is not an object/],
    ['a newer version', (file) => JSON.stringify({ ...file, v: 2 }), /v is 2; this version reads 1/],
    [
      'a child without an id',
      (file) => JSON.stringify({ ...file, children: [{}] }),
      /children\[0\]: id is not a string/,
    ],
    [
      'a pid that is none',
      (file) =>
        JSON.stringify({
          ...file,
          supervisor: { incarnation: 'i', identity: { pid: -1, startTicks: 1, bootId: 'b' } },
        }),
      /supervisor: identity is not a process identity/,
    ],
    [
      'no point in time',
      (file) => JSON.stringify({ ...file, writtenAt: 5 }),
      /writtenAt is not a point in time/,
    ],
    ['null for a list', (file) => JSON.stringify({ ...file, runs: null }), /runs is not a list/],
  ])('%s: a clear message and no more than a snapshot', async (_name, spoil, message) => {
    const { layout, file } = await makeTree()
    writeFileSync(layout.status, spoil(file()))
    const { code, out, err } = await status(layout.root, '--exit-code')
    expect(code).toBe(13)
    expect(out).toMatch(message)
    expect(out + err).not.toMatch(/\bat .*:\d+:\d+/)
  })

  test('a folder in its place', async () => {
    const { layout } = await makeTree()
    rmSync(layout.status)
    mkdirSync(layout.status)
    expect(await claimOf(layout.root)).toEqual(SNAPSHOT)
  })

  test('a registration that cannot be read might name something alive', async () => {
    const { layout, supervisor, lane, write } = await makeTree()
    write({ cleanStop: { at: systemClock.now(), terminal: 'passed' } })
    await supervisor.signal('SIGKILL')
    await lane.signal('SIGKILL')
    mkdirSync(layout.registration('inc-9'))
    writeFileSync(join(layout.registration('inc-9'), 'intent.json'), '{"role":')
    expect(await claimOf(layout.root)).toEqual(SNAPSHOT)
    expect((await status(layout.root)).out).toMatch(/inc-9\/intent\.json/)
  })

  test('a heartbeat that cannot be read is none', async () => {
    const { layout } = await makeTree()
    writeFileSync(layout.heartbeat('goal'), 'x')
    expect(await claimOf(layout.root)).toEqual(UNPROVEN)
  })
})
