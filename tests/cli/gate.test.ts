import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GateContext } from '../../machines/durable/gate-context.ts'
import { contextOf, stateOf } from '../../src/cli/run/actor-standing.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { type KeyFolder, keyFolder } from '../gates/support/ssh-tools.ts'
import * as sample from '../machines/durable/support/samples.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo } from '../support/test-repo.ts'
import { oc, ocJson, ocProcess } from './support/run-cli.ts'
import { put, type TestSystem, testSystem } from './support/test-system.ts'

const GATE = 'gate-1-1-1'
let keys: KeyFolder
let system: TestSystem
let operators: { name: string; publicKey: string }[]
let state: [string, string]

beforeAll(() => {
  keys = keyFolder()
  for (const name of ['ada', 'eve']) keys.make(name, 'ed25519')
  operators = [{ name: 'ada', publicKey: keys.publicLine('ada') }]
})
afterAll(async () => {
  for (const each of opened) await each.close()
  keys.remove()
})

const opened: TestSystem[] = []
const open = async (options: Parameters<typeof testSystem>[0] = {}): Promise<void> => {
  system = await testSystem({ ...options, terms: { operators, ...options.terms } })
  opened.push(system)
  state = ['--state-dir', system.dir]
  await system.claim()
  await system.reach(GATE, 'undecided.open')
}

const approve = (...more: string[]) =>
  oc('gate', 'approve', GATE, '--by', 'ada', '--note', 'read it', ...state, ...more)
const key = (name: string): [string, string] => ['--key', join(keys.dir, name)]

describe('looking at gates', () => {
  beforeAll(() => open())

  it('lists open gates for people, as ids for scripts, and as one object', async () => {
    expect((await oc('gate', 'list', ...state)).stdout).toMatch(
      /gate-1-1-1\s+merge pull-1 into main of api\s+ada\s+in 7 d/,
    )
    expect(await oc('gate', 'list', '--ids', ...state)).toEqual({ code: 0, stdout: `${GATE}\n`, stderr: '' })
    const { gates } = await ocJson('gate', 'list', ...state)
    expect(gates).toMatchObject([
      { id: GATE, kind: 'merge', operators: ['ada'], signing: 'required', state: 'undecided.open' },
    ])
  })

  it('shows subject, why, operators, expiry and the hash that a decision binds', async () => {
    const { stdout, code } = await oc('gate', 'show', GATE, ...state)
    const json = await ocJson('gate', 'show', GATE, ...state)
    expect(code).toBe(0)
    for (const part of [
      'merge pull-1 into main',
      'merge: manual',
      'ada (signed decisions only)',
      json.subjectHash,
      'Add a greeting',
    ])
      expect(stdout).toContain(part)
    expect(stdout).toContain('The diff cannot be read here')
    expect(json.subject).toMatchObject({ kind: 'merge', headSha: sample.HEAD })
  })

  it('answers with one object where it refuses, and creates nothing by looking', async () => {
    const nowhere = join(makeTempDir(), 'demo')
    expect(await ocJson('gate', 'list', '--state-dir', nowhere)).toMatchObject({
      ok: false,
      code: 'never_run',
    })
    expect((await oc('gate', 'list', '--state-dir', nowhere)).code).toBe(1)
    expect(existsSync(nowhere)).toBe(false)
  })
})

describe('the content of a gate', () => {
  const gitChange = () => {
    const dir = makeTempDir('repo')
    const repo = makeTestRepo(dir)
    const baseSha = repo.git('rev-parse', 'HEAD')
    const headSha = repo.commit('evil', { 'src/app.txt': 'one\n\u001b]0;owned\u0007two\u202e\nthree\n' })
    const patch = execFileSync('git', ['diff', '--full-index', '--no-renames', baseSha, headSha], {
      cwd: repo.work,
      env: repo.env,
    })
    const patchId =
      execFileSync('git', ['patch-id', '--stable'], { input: patch, env: repo.env, encoding: 'utf8' }).split(
        ' ',
      )[0] ?? ''
    return { repo, change: { baseSha, headSha, patchId }, patch: patch.toString() }
  }

  it('shows the diff of the mirror by the approved sha, with everything hidden made visible', async () => {
    const { repo, change } = gitChange()
    await open({ change })
    execFileSync('git', ['clone', '--quiet', '--bare', repo.work, system.layout.mirror('api')], {
      env: repo.env,
    })
    const { stdout } = await oc('gate', 'show', GATE, ...state)
    expect(stdout).toContain('The change that the decision is bound to')
    expect(stdout).toContain('+\\x1b]0;owned\\x07two\\u{202e}')
    expect(stdout).not.toContain('\u001b')
    expect((await ocJson('gate', 'show', GATE, ...state)).diff).toMatchObject({ isBound: true })
  })

  it('takes the diff of the evidence where there is no mirror, and says so when it is another change', async () => {
    const { change, patch } = gitChange()
    await open({ change })
    const file = join(system.layout.runDir('run-1'), 'att-1-1', 'diff.patch')
    put(file, patch)
    expect((await ocJson('gate', 'show', GATE, ...state)).diff).toMatchObject({ isBound: true, source: file })
    writeFileSync(file, patch.replace('owned', 'harmless'))
    expect((await oc('gate', 'show', GATE, ...state)).stdout).toContain(
      'NOT the change that the decision is bound to',
    )
  })

  it('shows the proposal of a start gate and proves that it is the one asked about', async () => {
    system = await testSystem({
      terms: { operators },
      answers: { judgePlan: () => sample.policy('require_review') },
    })
    opened.push(system)
    await system.claim({ goal: 'Print hello.\n\u001b[31mred' })
    await system.reach('gate-1-start-1', 'undecided.open')
    const { stdout } = await oc('gate', 'show', 'gate-1-start-1', '--state-dir', system.dir)
    expect(stdout).toContain('The proposal that the decision is bound to')
    expect(stdout).toContain('\\x1b[31mred')
  })
})

describe('deciding', () => {
  beforeEach(() => open())

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
  beforeEach(() => open())

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

describe('malformed input', () => {
  beforeAll(() => open())

  const cases: [string, string[], number, RegExp][] = [
    ['an unknown gate', ['show', 'gate-x'], 2, /no gate "gate-x"; `oc-supervise gate list`/],
    ['a path for an id', ['show', '../../etc/passwd'], 2, /no gate "\.\.\/\.\.\/etc\/passwd"/],
    ['a newline in an id', ['show', 'gate-1\nfoo\u001b[2J'], 2, /no gate "gate-1\\nfoo\\x1b\[2J"/],
    ['a megabyte for an id', ['show', 'g'.repeat(1 << 20)], 2, /no gate "g{60}…"/],
    ['an id of another kind', ['approve', 'task-1', '--by', 'ada', '--note', 'x'], 2, /no gate "task-1"/],
    [
      'an option for a value',
      ['approve', GATE, '--by', 'ada', '--note', '--key', 'k'],
      2,
      /--note needs a value/,
    ],
    [
      'a name that is none',
      ['approve', GATE, '--by', '../ada', '--note', 'x'],
      2,
      /--by "\.\.\/ada" is not an operator/,
    ],
    ['NUL in a note', ['approve', GATE, '--by', 'ada', '--note', 'a\0b'], 2, /NUL/],
    [
      'a megabyte of note',
      ['approve', GATE, '--by', 'ada', '--note', 'n'.repeat(1 << 20)],
      2,
      /longer than 10000/,
    ],
    [
      'half a surrogate in a note',
      ['approve', GATE, '--by', 'ada', '--note', '\ud800'],
      2,
      /not Unicode text/,
    ],
    ['half of a signature', ['approve', GATE, '--note', 'x', '--statement', 'f'], 2, /go together/],
    [
      'both ways at once',
      ['approve', GATE, '--note', 'x', '--statement', 'f', '--signature', 'g', '--key', 'k'],
      2,
      /signed already/,
    ],
    ['nobody', ['approve', GATE, '--note', 'x'], 2, /--by NAME is missing/],
    ['no note', ['approve', GATE, '--by', 'ada'], 2, /required option '--note/],
    ['too much', ['list', 'x'], 2, /too many arguments/],
    ['no verb', [], 2, /Example/],
  ]
  it.each(cases)('%s is refused clearly', async (_name, argv, code, reason) => {
    const ran = await oc('gate', ...argv, ...(argv.length === 0 ? [] : state))
    expect(ran.stderr).toMatch(reason)
    expect(ran.stderr).not.toMatch(/\n\s+at /)
    expect(ran.stderr.length).toBeLessThan(2_000)
    expect(ran.code).toBe(code)
  })

  it('works as a process of its own', async () => {
    expect(await ocProcess(['gate', 'list', '--ids', ...state])).toEqual({
      code: 0,
      stdout: `${GATE}\n`,
      stderr: '',
    })
    const ran = await ocProcess(['gate', 'show', 'gate-x', ...state])
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no gate "gate-x"') })
  })
})
