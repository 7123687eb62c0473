import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as sample from '../machines/durable/support/samples.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { oc, ocJson, ocProcess } from './support/run-cli.ts'
import { type TestSystem, testSystem } from './support/test-system.ts'

describe('runs', () => {
  let system: TestSystem
  let state: string[]
  beforeAll(async () => {
    system = await testSystem({
      answers: { runAgent: () => sample.ended('failed', sample.failed('auth', 'the key\u001b[31m expired')) },
    })
    state = ['--state-dir', system.dir]
  })
  afterAll(() => system.close())

  it('lists nothing before the first, then runs in flight and runs with evidence', async () => {
    expect(await oc('runs', 'list', ...state)).toMatchObject({ code: 0, stdout: 'no run yet\n' })
    await system.claim()
    await system.reach('task-1', 'preparing')
    expect((await ocJson('runs', 'list', ...state)).runs).toMatchObject([
      { id: 'run-1', status: null, recordedAt: null },
    ])
    expect((await oc('runs', 'show', 'run-1', ...state)).stdout).toContain('no evidence yet')
    await system.reach('task-1', 'blocked')
    await system.settle()
    expect((await ocJson('runs', 'list', ...state)).runs).toMatchObject([
      {
        id: 'run-1',
        task: 'task-1',
        state: 'blocked',
        status: 'failed',
        attempts: 1,
        title: 'Add a greeting',
      },
    ])
    expect((await oc('runs', 'list', ...state)).stdout).toMatch(/run-1\s+task-1\s+blocked\s+failed\s+1\s/)
  })

  it('shows a run with what each attempt left, and why the rest is not there', async () => {
    const { stdout } = await oc('runs', 'show', 'run-1', ...state)
    expect(stdout).toContain('auth: the key\\x1b[31m expired')
    expect(stdout).toMatch(/\n\s+agent_command.json: /)
    expect(stdout).toContain('`oc-supervise verify run-1` proves it')
    const json = await ocJson('runs', 'show', 'run-1', ...state)
    expect(json).toMatchObject({
      id: 'run-1',
      status: 'failed',
      attempts: [{ result: { attemptId: 'att-1-1' } }],
    })
  })

  it.each(['run-x', '../..', 'run-1\n', '--'])('does not know %j', async (run) => {
    const ran = await oc('runs', 'show', ...state, '--', run)
    expect(ran).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('`oc-supervise runs list` shows all'),
    })
  })

  it('names the evidence that cannot be read', async () => {
    mkdirSync(system.layout.runDir('run-broken'), { recursive: true })
    writeFileSync(join(system.layout.runDir('run-broken'), 'summary.json'), '{}')
    expect((await oc('runs', 'list', ...state)).stdout).toContain('cannot be read: ')
    expect(await oc('runs', 'show', 'run-broken', ...state)).toMatchObject({ code: 1 })
  })
})

describe('manifest', () => {
  const demo = resolve(import.meta.dirname, '../../manifests/demo.yaml')
  const broken = (): string => {
    const file = join(makeTempDir(), 'oc-supervise.yaml')
    writeFileSync(file, 'version: 1\nname: demo\nlanes:\n  goal: {agnet: x}\nrepos: 7\n')
    return file
  }

  it('checks a manifest, named either way', async () => {
    expect(await oc('manifest', 'check', demo)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('in order; demo'),
    })
    expect(await ocJson('manifest', 'check', '--manifest', demo)).toMatchObject({
      ok: true,
      name: 'demo',
      problems: [],
    })
  })

  it('lists every problem with its place and remedy, and exits 2', async () => {
    const ran = await oc('manifest', 'check', broken())
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/oc-supervise.yaml:4:10: lanes.goal.agnet: unknown key; did you mean agent\?/)
    const { ok, problems } = await ocJson('manifest', 'check', broken())
    expect(ok).toBe(false)
    expect(problems.length).toBeGreaterThan(1)
    expect(problems[0]).toMatchObject({
      line: expect.any(Number),
      column: expect.any(Number),
      remedy: expect.any(String),
    })
  })

  it('shows what a manifest comes to, and each value with its origin', async () => {
    expect((await oc('manifest', 'show', demo)).stdout).toMatch(/lanes\s+goal: replay, 2 at once/)
    expect((await ocJson('manifest', 'show', demo)).manifest).toMatchObject({ name: 'demo', sandbox: 'off' })
    expect((await oc('manifest', 'show', '--effective', demo)).stdout).toMatch(
      /repos.till.merge: "auto"\s+# line \d+/,
    )
    const { values } = await ocJson('manifest', 'show', '--effective', '--manifest', demo)
    expect(values).toContainEqual(
      expect.objectContaining({
        key: 'lanes.goal.concurrency',
        value: 2,
        origin: { line: expect.any(Number) },
      }),
    )
    expect(values).toContainEqual(expect.objectContaining({ key: 'gates.signing', origin: 'default' }))
  })

  it('prints the schema that is committed', async () => {
    const { stdout } = await oc('manifest', 'schema')
    expect(stdout).toBe(
      readFileSync(resolve(import.meta.dirname, '../../manifests/schema/manifest.schema.json'), 'utf8'),
    )
  })

  it.each([['/none/such.yaml'], ['a\0b'], ['/etc']])('refuses %j clearly', async (file) => {
    const ran = await oc('manifest', 'check', file)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('cannot be read')
  })
})

describe('help', () => {
  it.each([
    'gate',
    'gate list',
    'gate show',
    'gate approve',
    'gate reject',
    'mark-manual-gate',
    'verify',
    'runs',
    'runs list',
    'runs show',
    'journal',
    'journal export',
    'journal import',
    'manifest',
    'manifest check',
    'manifest show',
    'manifest schema',
    'explain',
    'logs',
  ])('of %s ends with an example', async (words) => {
    const { stdout, code } = await oc(...words.split(' '), '--help')
    expect(code).toBe(0)
    expect(stdout).toContain(`Usage: oc-supervise ${words}`)
    expect(stdout).toMatch(/\nExamples?\n( {2}oc-supervise .+\n)+$/)
  })
})

describe('the command help', () => {
  it('prints what the command named says with --help', async () => {
    expect(await oc('help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Every command has') })
    const { code, stdout } = await oc('help', 'task', 'add')
    expect({ code, stdout }).toEqual({ code: 0, stdout: (await oc('task', 'add', '--help')).stdout })
    expect(stdout).toContain('--goal <text>')
    expect((await ocProcess(['help', 'status'])).stdout).toContain('--exit-code')
    expect((await oc('help', 'nothing')).code).toBe(2)
  })
})
