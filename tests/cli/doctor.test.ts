import { chmodSync, existsSync, mkdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { checkGit, checkNode, checkSshKeygen } from '../../src/cli/doctor/check-host.ts'
import { checkRoom } from '../../src/cli/doctor/check-state.ts'
import { IncarnationId } from '../../src/contracts/ids.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { endProcess, findMarked } from '../../src/platform/end-process.ts'
import { acquireLock } from '../../src/platform/exclusive-lock.ts'
import { identityOf, proveIdentity, selfIdentity } from '../../src/platform/process-identity.ts'
import { spawnRegistered } from '../../src/platform/spawn-registered.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { until } from '../support/until.ts'
import { oc, ocJson } from './support/run-cli.ts'
import { put, type TestSystem, testSystem } from './support/test-system.ts'

const opened: TestSystem[] = []
const marks: string[] = []
let system: TestSystem
let state: string[]

beforeEach(async () => {
  system = await testSystem()
  opened.push(system)
  state = ['--state-dir', system.dir]
  for (const dir of [system.layout.registrations, system.layout.logs]) mkdirSync(dir)
})
afterAll(async () => {
  for (const mark of marks) await endProcess({ identity: null, mark }, { graceMs: 0 })
  for (const each of opened) await each.close()
})

interface Told {
  ok: boolean
  checks: { name: string; outcome: string; says: string; remedy: string | null }[]
  fixes: { fix: string; outcome: string; lines: string[] }[]
}

const doctor = (...options: string[]): Promise<Told> => ocJson('doctor', ...state, ...options)
const checkNamed = ({ checks }: Told, name: string) => checks.find((check) => check.name === name)

const dead = IncarnationId.parse('inc-dead')

/** Starts a registered program; a shell that leaves another one behind, unless it is told otherwise. */
const start = async (subject: string, script = 'sleep 300 & exit 0') => {
  const registered = await spawnRegistered({
    ...{
      role: 'lane',
      subject,
      owner: dead,
      registrationsDir: system.layout.registrations,
      cwd: '/',
      env: {},
    },
    argv: ['/bin/sh', '-c', script],
    stdoutFile: system.layout.log(subject),
    stderrFile: system.layout.log(subject),
  })
  marks.push(registered.intent.mark)
  return registered
}

const ownedBy = (identity: object): string =>
  put(system.layout.lockOwner, JSON.stringify({ v: 1, incarnation: dead, at: systemClock.now(), identity }))

describe('doctor', () => {
  it('finds a healthy system healthy, and writes nothing', async () => {
    const told = await doctor()
    expect(told).toMatchObject({ ok: true, fixes: [] })
    expect(told.checks.map(({ name }) => name)).toEqual([
      ...['node', 'git', 'containment', 'sandbox', 'ssh-keygen', 'state folder', 'keys', 'disk', 'memory'],
      ...['journal', 'journal lock', 'supervisor', 'processes', 'records', 'drafts', 'workspaces'],
    ])
    const { code, stdout } = await oc('doctor', ...state)
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(told.checks.length)
    expect(existsSync(system.layout.lock)).toBe(false)
  })

  it('checks the host alone where nothing is set up, and says so of a folder that is not there', async () => {
    const folder = join(makeTempDir('doctor'), 'none')
    const told: Told = await ocJson('doctor', '--state-dir', folder)
    expect(told.ok).toBe(true)
    expect(checkNamed(told, 'state folder')).toMatchObject({
      outcome: 'note',
      says: `${folder}: nothing has run here yet`,
    })
    expect(existsSync(folder)).toBe(false)
    const broken = put(join(makeTempDir('doctor'), 'x.yaml'), 'version: 2\n')
    expect(await oc('doctor', '--manifest', broken)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^!! +manifest +the manifest has 2 problems: \S+:1:1: name: is required; .*; oc-supervise manifest check --manifest \S+x\.yaml$/m,
      ),
    })
  })

  it('sees a folder and keys that others can read', async () => {
    chmodSync(system.dir, 0o755)
    chmodSync(join(system.layout.keys, 'instance.key'), 0o644)
    const told = await doctor()
    expect(told.ok).toBe(false)
    expect(checkNamed(told, 'state folder')).toMatchObject({
      outcome: 'attention',
      remedy: `chmod 700 ${system.dir}`,
    })
    expect(checkNamed(told, 'keys')).toMatchObject({
      outcome: 'attention',
      says: expect.stringContaining('instance.key'),
    })
    expect((await oc('doctor', ...state)).stderr).toContain('2 things need attention')
  })

  it('names whoever sits on the journal’s write lock', async () => {
    const db = new DatabaseSync(system.layout.journal)
    db.exec('BEGIN IMMEDIATE')
    try {
      expect(checkNamed(await doctor(), 'journal lock')).toMatchObject({
        outcome: 'attention',
        says: expect.stringContaining(`pid ${process.pid}`),
      })
    } finally {
      db.close()
    }
  })

  it('reports a status file that cannot be read', async () => {
    const folder = makeTempDir('doctor')
    put(join(folder, 'status.json'), '{"v": 1')
    const told: Told = await ocJson('doctor', '--state-dir', folder)
    expect(checkNamed(told, 'status file')).toMatchObject({
      outcome: 'attention',
      says: expect.stringContaining('status.json'),
    })
  })

  it('reports a journal that is none', async () => {
    const folder = makeTempDir('doctor')
    put(join(folder, 'journal.db'), 'no database at all, but long enough to be read as one\n'.repeat(100))
    const told: Told = await ocJson('doctor', '--state-dir', folder)
    expect(checkNamed(told, 'journal')).toMatchObject({ outcome: 'attention' })
    expect(checkNamed(told, 'workspaces')).toBeUndefined()
  })

  it('finds half-written files that are old, and workspaces without a task; it removes neither', async () => {
    const draft = put(`${system.layout.status}.1234567`, '{')
    utimesSync(draft, 1, 1)
    put(`${system.layout.status}.7654321`, '{')
    const work = put(join(system.layout.workspaces, 'att-lost-1', 'tree', 'file'), 'work')
    const told = await doctor('--fix-safe')
    expect(checkNamed(told, 'drafts')).toMatchObject({ outcome: 'attention', says: `half-written: ${draft}` })
    expect(checkNamed(told, 'workspaces')).toMatchObject({
      outcome: 'attention',
      says: expect.stringContaining('att-lost-1'),
    })
    expect([draft, work].every((path) => existsSync(path))).toBe(true)
  })

  it('leaves the workspace of a task under way alone', async () => {
    await system.claim()
    await system.reach('task-1', 'working')
    put(join(system.layout.workspaces, 'att-1-1', 'tree', 'file'), 'work')
    expect(checkNamed(await doctor(), 'workspaces')).toMatchObject({ outcome: 'ok' })
  })
})

describe('doctor --fix-safe', () => {
  const litter = async (): Promise<string> => {
    const { intent, exited } = await start('goal')
    await exited
    ownedBy({ ...selfIdentity(), startTicks: 1 })
    const challenge = {
      v: 1,
      incarnation: dead,
      sequence: 1,
      nonce: 'n'.repeat(32),
      expires: systemClock.now(),
    }
    put(system.layout.challenge('goal'), JSON.stringify(challenge))
    return intent.mark
  }

  it('ends and removes what dead lives left, and proves it', async () => {
    const mark = await litter()
    const before = await doctor()
    expect(checkNamed(before, 'processes')).toMatchObject({
      outcome: 'attention',
      says: expect.stringContaining('lane goal'),
    })
    expect(checkNamed(before, 'records')).toMatchObject({
      outcome: 'attention',
      remedy: 'oc-supervise doctor --fix-safe',
    })
    const dry = await doctor('--fix-safe', '--dry-run')
    expect(dry.fixes.map(({ outcome }) => outcome)).toEqual(['would_apply', 'would_apply', 'would_apply'])
    expect(findMarked(mark)).toHaveLength(1)
    const fixed = await doctor('--fix-safe')
    expect(fixed.fixes.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied'])
    expect(fixed.ok).toBe(true)
    expect(findMarked(mark)).toEqual([])
    expect((await doctor('--fix-safe')).fixes.map(({ outcome }) => outcome)).toEqual(
      Array(3).fill('not_needed'),
    )
  })

  it('leaves the living alone, even without a supervisor', async () => {
    const { identity } = await start('goal', 'sleep 300')
    const told = await doctor('--fix-safe')
    expect(checkNamed(told, 'processes')).toMatchObject({
      outcome: 'attention',
      says: expect.stringContaining(`lane goal (pid ${identity.pid})`),
      remedy: expect.stringContaining('oc-supervise run'),
    })
    expect(findMarked(marks.at(-1) ?? '')).not.toEqual([])
  })

  it('does nothing while a supervisor runs', async () => {
    ownedBy(selfIdentity())
    const lock = acquireLock(system.layout.lock)
    expect(await doctor('--fix-safe')).toMatchObject({ ok: false, code: 'supervisor_running' })
    lock?.release()
    expect(checkNamed(await doctor(), 'supervisor')).toMatchObject({ says: `runs, pid ${process.pid}` })
    expect(await oc('doctor', ...state, '--dry-run')).toMatchObject({ code: 2 })
  })
})

it('takes a zombie for dead, and a stopped supervisor for one to look at', async () => {
  const zombie = await start('zombie', 'sh -c "exit 0" & exec sleep 300')
  const ofZombie = await until(() => {
    const child = readFileSync(`/proc/${zombie.identity.pid}/task/${zombie.identity.pid}/children`, 'utf8')
    const identity = identityOf(Number(child))
    return identity !== null && proveIdentity(identity).proof === 'halted' ? identity : null
  })
  ownedBy(ofZombie)
  expect(checkNamed(await doctor(), 'supervisor')).toMatchObject({ outcome: 'note' })
  const stopped = await start('stopped', 'exec sleep 300')
  process.kill(stopped.identity.pid, 'SIGSTOP')
  await until(() => proveIdentity(stopped.identity).proof === 'halted')
  ownedBy(stopped.identity)
  expect(checkNamed(await doctor(), 'supervisor')).toMatchObject({
    outcome: 'attention',
    says: `pid ${stopped.identity.pid} is stopped`,
  })
})

describe('checks of the host', () => {
  it('judges versions by number', () => {
    expect(checkNode('24.0.0').outcome).toBe('ok')
    expect(checkNode('100.1.0').outcome).toBe('ok')
    expect(checkNode('20.19.0')).toMatchObject({
      outcome: 'attention',
      remedy: expect.stringContaining('Node 24'),
    })
    expect(checkGit('git version 2.38.0').outcome).toBe('ok')
    expect(checkGit('git version 2.9.5 (Apple Git-1)').outcome).toBe('attention')
    expect(checkGit(null)).toMatchObject({ outcome: 'attention', says: 'git does not run' })
  })

  it('takes a missing ssh-keygen for a note, and little room for attention', () => {
    expect(checkSshKeygen('relative:/nonexistent')).toMatchObject({ outcome: 'note' })
    const wanted = { minFreeMemoryBytes: 2 ** 60, minFreeDiskBytes: 0 }
    expect(checkRoom('/', wanted).map(({ outcome }) => outcome)).toEqual(['ok', 'attention'])
  })
})
