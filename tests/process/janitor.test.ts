import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeTempDir } from '../support/temp-dir.ts'
import { GONE, janitor, manifest, type Report, runsIn, WRITER } from './support/janitor.ts'
import { oc } from './support/product.ts'
import { makeSystem, type System } from './support/system.ts'

const KEPT = '{runs: 1d, journal: 1d, saved: 1d, logs: 1d}'
const retain = (system: System, retention: string): void =>
  void system.write('oc-supervise.yaml', manifest(retention))
const kinds = ({ removed }: Report): string[] => [...new Set(removed.map(({ kind }) => kind))].sort()
const savedRefs = ({ layout }: System): string =>
  execFileSync('git', ['--git-dir', layout.saved, 'for-each-ref', 'refs/saved']).toString()
const DAY_AGO = new Date(Date.now() - 2 * 86_400_000)

let system: System
let done: string
let blocked: string

/** One task Done, one Blocked, one of another repository Done; a rotated log. */
beforeAll(async () => {
  system = makeSystem(manifest(KEPT), {}, { 'writer.sh': WRITER })
  done = await system.addTask('Write a file', '--repo', 'app')
  blocked = await system.addTask('This must fail', '--repo', 'app')
  await system.addTask('Write another', '--repo', 'old')
  expect((await system.run()).code).toBe(3)
  const rotated = join(system.layout.logs, 'goal.log.1')
  writeFileSync(rotated, 'old words\n')
  utimesSync(rotated, DAY_AGO, DAY_AGO)
}, 60_000)

describe('a dry run', () => {
  test('says nothing while everything is to be kept', async () => {
    expect(await janitor(system, '--dry-run')).toMatchObject({ dryRun: true, kept: [] })
    expect(kinds(await janitor(system, '--dry-run'))).toEqual(['log'])
  })

  test.each([
    ['runs', ['evidence', 'keeper', 'log']],
    ['saved', ['log', 'saved']],
    ['logs', ['log']],
    // History goes only where no evidence names it any more.
    ['journal', ['log']],
    ['runs journal', ['evidence', 'journal', 'keeper', 'log']],
  ])('retention.%s bites', async (keys, expected) => {
    retain(
      system,
      keys.split(' ').reduce((text, key) => text.replace(`${key}: 1d`, `${key}: 0s`), KEPT),
    )
    const report = await janitor(system, '--dry-run')
    expect(kinds(report)).toEqual(expected)
    expect(report.removed.every(({ why, bytes }) => why !== '' && bytes > 0)).toBe(true)
    expect(report.bytes).toBe(report.removed.reduce((sum, { bytes }) => sum + bytes, 0))
    expect(JSON.stringify(report)).not.toContain(blocked)
  })

  test('retention.logs keeps a rotated log as long as it says', async () => {
    retain(system, KEPT.replace('logs: 1d', 'logs: 3d'))
    expect(kinds(await janitor(system, '--dry-run'))).toEqual([])
  })

  test('changes nothing', async () => {
    retain(system, GONE)
    const refs = savedRefs(system)
    const said = await system.oc(['janitor', '--dry-run'])
    expect(said).toMatchObject({ code: 0, stderr: '' })
    expect(said.stdout).toMatch(/would remove \d+ things, [\d.]+ [KM]iB/)
    expect(savedRefs(system)).toBe(refs)
    expect(runsIn(system)).toHaveLength(3)
    expect(existsSync(system.layout.archive)).toBe(false)
  })
})

describe('for real', () => {
  test('tasks that are over leave nothing but their state and an archive; everything still verifies', async () => {
    retain(system, GONE)
    // Mid-way through a crash: a workspace that was left behind by a task that is over.
    const left = join(system.layout.workspaces, `att-${done.slice(5)}-1`)
    mkdirSync(join(left, 'tree'), { recursive: true })
    writeFileSync(join(left, 'tree', 'note.txt'), 'precious')
    writeFileSync(join(left, 'ready.json'), '{}')

    const report = await janitor(system)
    expect(kinds(report)).toEqual(['evidence', 'journal', 'keeper', 'log', 'saved', 'workspace'])
    const saved = `refs/saved/att-${done.slice(5)}-1`
    expect(report.kept).toEqual([{ kind: 'saved', subject: saved, why: 'more of it was saved just now' }])
    expect(existsSync(left)).toBe(false)
    expect(runsIn(system)).toHaveLength(1)
    expect(readdirSync(system.layout.keepers)).toHaveLength(1)
    expect(savedRefs(system)).toContain(`refs/saved/att-${blocked.slice(5)}-1/`)

    const [archive = ''] = readdirSync(system.layout.archive)
    const verified = await system.oc(['verify'])
    expect(verified, verified.stdout).toMatchObject({ code: 0, stderr: '' })
    expect(verified.stdout).toMatch(new RegExp(`archived in ${archive}: \\d+ events of \\d+ streams; intact`))
    const file = join(system.layout.archive, archive)
    const pub = ['--public-key', join(system.layout.keys, 'instance.pub')]
    expect(await oc(['verify', file, ...pub])).toMatchObject({ code: 0 })
    const imported = makeTempDir('imported')
    expect(await oc(['journal', 'import', file, '--state-dir', imported])).toMatchObject({ code: 0 })
    expect(await oc(['verify', '--state-dir', imported, ...pub])).toMatchObject({ code: 0 })
    const exported = join(makeTempDir('exported'), 'journal.ndjson')
    expect(await system.oc(['journal', 'export', exported])).toMatchObject({ code: 0 })
    expect(await oc(['verify', exported, ...pub])).toMatchObject({ code: 0 })
    // What it saved a moment ago has a time of its own.
    expect(await janitor(system)).toMatchObject({ removed: [{ kind: 'saved', subject: saved }], kept: [] })
    expect(savedRefs(system)).not.toContain(saved)
  }, 60_000)

  test('what was archived can still be asked about; what is under way goes on', async () => {
    const archive = readdirSync(system.layout.archive).join()
    expect((await system.task(done)).state).toBe('Done')
    for (const args of [
      ['task', 'show', done],
      ['machine', 'show', done],
      ['runs', 'list'],
      ['task', 'list'],
    ])
      expect(await system.oc(args), args.join(' ')).toMatchObject({ code: 0, stderr: '' })
    const explained = await system.oc(['explain', done])
    expect(explained).toMatchObject({ code: 0, stderr: '' })
    expect(explained.stdout).toContain('archive/')
    expect((await system.oc(['inspect', done, '--once'])).code).toBe(0)

    expect(await system.oc(['task', 'retry', blocked])).toMatchObject({ code: 0 })
    system.write('writer.sh', WRITER.replace('exit 3', ':'))
    expect((await system.run()).code).toBe(0)
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
    expect((await janitor(system)).kept).toEqual([])
    expect(readdirSync(system.layout.archive)).toHaveLength(2)
    expect(readdirSync(system.layout.archive)).toContain(archive)
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
  }, 60_000)

  test('an archive that was altered is named; one that is kept elsewhere is only said to be', async () => {
    const [first = '', second = ''] = readdirSync(system.layout.archive)
    const aside = makeTempDir('aside')
    cpSync(system.layout.archive, aside, { recursive: true })
    writeFileSync(join(system.layout.archive, first), '{}\n')
    const altered = await system.oc(['verify'])
    expect(altered.code).toBe(1)
    expect(altered.stdout).toContain(`archive/${first} is altered`)
    expect(altered.stdout).not.toContain(`archive/${second} is altered`)
    execFileSync('rm', [join(system.layout.archive, first)])
    const elsewhere = await system.oc(['verify'])
    expect(elsewhere.code).toBe(0)
    expect(elsewhere.stdout).toContain('it is not here')
    cpSync(join(aside, first), join(system.layout.archive, first))
  })

  test('a mirror goes with its repository, unless work in it is saved nowhere else', async () => {
    const without = manifest(GONE).replace(/^ {2}old: .*\n/m, '')
    system.write('oc-supervise.yaml', without)
    // Still in force: the last run began with it.
    expect(kinds(await janitor(system, '--dry-run'))).toEqual([])
    expect((await system.run()).code).toBe(0)
    const mirror = system.layout.mirror('old')
    const git = (...args: string[]) =>
      execFileSync('git', ['--git-dir', mirror, ...args], { env: system.repo.env })
    const commit = git('commit-tree', '-m', 'ours', 'refs/heads/main^{tree}').toString().trim()
    git('update-ref', 'refs/attempts/att-lost-1/work', commit)
    expect((await janitor(system)).kept).toEqual([
      { kind: 'mirror', subject: 'old.git', why: 'refs/attempts/att-lost-1/work is saved nowhere else' },
    ])
    git('update-ref', '-d', 'refs/attempts/att-lost-1/work')
    expect(await janitor(system)).toMatchObject({ removed: [{ kind: 'mirror', subject: 'old.git' }] })
    expect(existsSync(mirror)).toBe(false)
    expect(existsSync(system.layout.mirror('app'))).toBe(true)
  }, 60_000)
})
