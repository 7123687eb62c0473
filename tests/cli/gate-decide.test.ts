import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { GateContext } from '../../machines/durable/gate-context.ts'
import { contextOf, stateOf } from '../../src/cli/run/actor-standing.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { approve, GATE, key, keys, openGate, state, system } from './support/open-gate.ts'
import { oc, ocJson } from './support/run-cli.ts'
import { put } from './support/test-system.ts'

describe('deciding', () => {
  beforeEach(() => openGate())

  it('signs with a key, leaves one row, and the gate takes it', async () => {
    const ran = await approve(...key('ada'))
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(
      /approved by ada, signed; nothing runs here now; the next `oc-supervise run` takes it up/,
    )
    expect(stateOf((await system.store.loadActor(GATE)) as never)).toBe('undecided.open')
    const row = await system.reach(GATE, 'approved')
    expect(contextOf<GateContext>(row).decided).toMatchObject({ signed: true, decision: { note: 'read it' } })
    const late = await approve(...key('ada'))
    expect(late).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('takes no decision any more: approved by ada'),
    })
    expect((await oc('gate', 'list', ...state)).stdout).toBe('no gate is open\n')
  })

  it('is no longer asked for while it waits for a run', async () => {
    expect((await oc('gate', 'show', GATE, ...state)).stdout).toMatch(/gate-1-1-1: open\n[\s\S]*\nDecide:\n/)
    await approve(...key('ada'))
    const shown = await oc('gate', 'show', GATE, ...state)
    expect(shown.stdout).toMatch(/^gate-1-1-1: approved by ada\n/)
    expect(shown.stdout).toMatch(/\nNothing to decide: nothing runs here now; the next .* takes it up\.\n$/)
    expect((await oc('gate', 'list', ...state)).stdout).toContain(
      'approved by ada; waits for a run to take it up',
    )
    const { gates } = await ocJson('gate', 'list', ...state)
    expect(gates).toMatchObject([{ id: GATE, sent: { decision: 'approved', by: 'ada' }, decided: null }])
    await system.reach(GATE, 'approved')
    expect(await ocJson('gate', 'show', GATE, ...state)).toMatchObject({ sent: null, state: 'approved' })
  })

  it('rejects', async () => {
    await oc('gate', 'reject', GATE, '--by', 'ada', '--note', 'no', ...key('ada'), ...state)
    await system.reach(GATE, 'rejected')
    await system.reach('task-1', 'blocked')
  })

  it('says that a supervisor is there when one is proved alive', async () => {
    const identity = selfIdentity()
    put(
      system.layout.lockOwner,
      JSON.stringify({ v: 1, incarnation: 'inc-1', identity, at: systemClock.now() }),
    )
    expect((await approve(...key('ada'))).stdout).toContain(
      `the supervisor (pid ${identity.pid}) takes it up now`,
    )
    expect(existsSync(system.layout.doorbell('supervisor'))).toBe(true)
    put(
      system.layout.lockOwner,
      JSON.stringify({
        v: 1,
        incarnation: 'inc-1',
        identity: { ...identity, startTicks: 1 },
        at: systemClock.now(),
      }),
    )
    expect(
      (await ocJson('gate', 'approve', GATE, '--by', 'ada', '--note', 'again', ...key('ada'), ...state))
        .consumer,
    ).toBe('next_run')
  })

  it.each([
    ['without a signature', [], /takes signed decisions only/],
    ['with the key of somebody else', ['--key', 'eve'], /which is not the key of "ada"/],
    ['with a key that is not there', ['--key', 'nobody'], /cannot be opened \(ENOENT\)/],
  ])('refuses %s, with the gate’s own reason', async (_name, [flag, name], reason) => {
    const ran = await approve(...(flag === undefined ? [] : key(name as string)))
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(reason)
    await system.settle()
    expect(contextOf<GateContext>((await system.store.loadActor(GATE)) as never)).toMatchObject({
      waiting: [],
      refused: 0,
    })
  })

  it('binds the evidence it was given and refuses what it cannot read', async () => {
    const file = put(join(makeTempDir(), 'report.txt'), 'all good')
    expect((await approve('--evidence-path', '/none', '--evidence-path', file, ...key('ada'))).code).toBe(2)
    await approve('--evidence-path', file, '--evidence-path', file, ...key('ada'))
    const row = await system.reach(GATE, 'approved')
    expect(contextOf<GateContext>(row).decided?.decision.statement.evidenceHashes).toHaveLength(2)
  })

  it('writes the statement, takes it back signed by plain ssh-keygen, and counts it once', async () => {
    const file = join(makeTempDir(), 'statement.json')
    const written = await approve('--statement-out', file)
    expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is decided yet') })
    expect((await approve('--statement-out', file)).stderr).toContain('exists already')
    execFileSync('ssh-keygen', ['-Y', 'sign', '-f', join(keys.dir, 'ada'), '-n', 'oc-supervise-gate', file], {
      stdio: 'ignore',
    })
    const signed = ['--statement', file, '--signature', `${file}.sig`, ...state]
    const send = () => ocJson('gate', 'approve', GATE, '--note', 'read it', ...signed)
    expect(await send()).toMatchObject({ signed: true, isNew: true, by: 'ada' })
    expect(await send()).toMatchObject({ isNew: false })
    expect((await oc('gate', 'reject', GATE, '--note', 'read it', ...signed)).stderr).toContain(
      'the statement says approved',
    )
    expect((await oc('gate', 'approve', GATE, '--note', 'other', ...signed)).stderr).toContain(
      'not the note that was decided on',
    )
    await system.reach(GATE, 'approved')
  })

  it('refuses a statement that was changed, or is none', async () => {
    const file = join(makeTempDir(), 'statement.json')
    await approve('--statement-out', file)
    const run = () =>
      oc('gate', 'approve', GATE, '--note', 'read it', '--statement', file, '--signature', file, ...state)
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n`)
    expect(await run()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('changed after it was written'),
    })
    writeFileSync(file, 'x'.repeat(1024 * 1024))
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('too large') })
  })

  it('refuses what an operator cannot be at once, before anything is signed elsewhere', async () => {
    const file = join(makeTempDir(), 'statement.json')
    const ran = await oc(
      'gate',
      'approve',
      GATE,
      '--by',
      'bob',
      '--note',
      'x',
      '--statement-out',
      file,
      ...state,
    )
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('"bob" was not an operator') })
    expect(existsSync(file)).toBe(false)
  })
})

describe('mark-manual-gate', () => {
  beforeEach(() => openGate())

  it('decides as a script does', async () => {
    const ran = await oc(
      'mark-manual-gate',
      '--gate',
      GATE,
      '--decision',
      'approved',
      '--by',
      'ada',
      '--note',
      'ticket 42',
      ...key('ada'),
      ...state,
    )
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    await system.reach(GATE, 'approved')
  })

  it.each([
    [['--run-id', 'run-1', '--item', 'a'], /playbooks come with a later version/],
    [['--gate', GATE, '--item', 'a'], /not both/],
    [[], /which gate\?/],
  ])('refuses %j', async (form, reason) => {
    const ran = await oc(
      'mark-manual-gate',
      ...form,
      '--decision',
      'approved',
      '--by',
      'ada',
      '--note',
      'x',
      ...state,
    )
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(reason)
  })
})
