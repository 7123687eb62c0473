import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as sample from '../machines/durable/support/samples.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { makeTestRepo } from '../support/test-repo.ts'
import { GATE, openGate, openSystem, state, system } from './support/open-gate.ts'
import { oc, ocJson, ocProcess } from './support/run-cli.ts'
import { put } from './support/test-system.ts'

describe('looking at gates', () => {
  beforeAll(() => openGate())

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
    await openGate({ change })
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
    await openGate({ change })
    const file = join(system.layout.runDir('run-1'), 'att-1-1', 'diff.patch')
    put(file, patch)
    expect((await ocJson('gate', 'show', GATE, ...state)).diff).toMatchObject({ isBound: true, source: file })
    writeFileSync(file, patch.replace('owned', 'harmless'))
    expect((await oc('gate', 'show', GATE, ...state)).stdout).toContain(
      'NOT the change that the decision is bound to',
    )
  })

  it('shows the proposal of a start gate and proves that it is the one asked about', async () => {
    await openSystem({ answers: { judgePlan: () => sample.policy('require_review') } })
    await system.claim({ goal: 'Print hello.\n\u001b[31mred' })
    await system.reach('gate-1-start-1', 'undecided.open')
    const { stdout } = await oc('gate', 'show', 'gate-1-start-1', '--state-dir', system.dir)
    expect(stdout).toContain('The proposal that the decision is bound to')
    expect(stdout).toContain('\\x1b[31mred')
  })
})

describe('malformed input', () => {
  beforeAll(() => openGate())

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
