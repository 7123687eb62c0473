import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeTempDir } from '../support/temp-dir.ts'
import { oc, ocJson, ocProcess } from './support/run-cli.ts'
import { type TestSystem, testSystem } from './support/test-system.ts'

let system: TestSystem
let state: [string, string]

/** One attempt that was recorded, then anchored. */
beforeEach(async () => {
  system = await testSystem({ terms: { merge: 'auto' } })
  state = ['--state-dir', system.dir]
  await system.claim()
  await system.reach('task-1', 'done')
  await system.settle()
  await system.anchor()
})
afterEach(() => system.close())

const inJournal = (statement: string): void => {
  const db = new DatabaseSync(system.layout.journal)
  try {
    db.exec(statement)
  } finally {
    db.close()
  }
}
const exported = async (): Promise<string> => {
  const file = join(makeTempDir(), 'journal.ndjson')
  expect((await oc('journal', 'export', file, ...state)).code).toBe(0)
  return file
}
const attestation = () => join(system.layout.runDir('run-1'), 'att-1-1', 'attestation.json')

describe('verify of the live state', () => {
  it('finds journal and evidence intact', async () => {
    const ran = await oc('verify', ...state)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(
      /^journal: intact; \d+ events in \d+ streams, 1 anchors\nevidence: intact; 1 runs\n$/,
    )
    expect(await ocJson('verify', ...state)).toMatchObject({
      ok: true,
      findings: [],
      runs: [{ id: 'run-1', ok: true, attempts: 1 }],
      anchor: { anchor: { n: 1 } },
    })
  })

  it('states an unanchored tail and exits 0', async () => {
    await system.store.appendLaneEvent('lane-goal', 'inc-1', 'started', {})
    const ran = await oc('verify', ...state)
    expect(ran.code).toBe(0)
    expect(ran.stdout).toContain('unanchored tail: 1 events')
    expect(ran.stdout).toContain('lane-goal event 1')
  })

  it('names the altered event, and exits 1', async () => {
    inJournal(
      `UPDATE events SET bytes = replace(bytes, 'Add a greeting', 'Add a backdoor') WHERE stream = 'task-1' AND seq = 1`,
    )
    const ran = await oc('verify', ...state)
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('wrong') })
    expect(ran.stdout).toMatch(/altered\s+task-1 event 1 is altered: the event does not have its hash/)
    expect(await ocJson('verify', ...state)).toMatchObject({ ok: false, code: 'verification_failed' })
  })

  it('names the missing event and the altered state', async () => {
    inJournal(
      `DELETE FROM events WHERE stream = 'task-1' AND seq = 3; UPDATE actors SET status = 'active' WHERE id = 'review-1-1'`,
    )
    const { findings } = await ocJson('verify', ...state)
    expect(findings).toContainEqual({
      kind: 'missing',
      subject: 'task-1 event 3',
      message: 'task-1 event 3 missing',
    })
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'altered', subject: 'review-1-1' }))
  })

  it('names the altered, missing and extra file of evidence', async () => {
    const dir = join(system.layout.runDir('run-1'), 'att-1-1')
    writeFileSync(
      join(dir, 'result.json'),
      readFileSync(join(dir, 'result.json'), 'utf8').replace('succeeded', 'failed'),
    )
    rmSync(join(dir, 'policy.json'))
    writeFileSync(join(dir, 'note.txt'), '')
    const { findings } = await ocJson('verify', ...state)
    expect(findings.map(({ kind, subject }: { kind: string; subject: string }) => [kind, subject])).toEqual([
      ['missing', 'run-1/att-1-1/policy.json'],
      ['altered', 'run-1/att-1-1/result.json'],
      ['extra', 'run-1/att-1-1/note.txt'],
    ])
  })

  it('misses a run that was deleted whole, because the journal vouches for it', async () => {
    rmSync(system.layout.runDir('run-1'), { recursive: true })
    const ran = await oc('verify', ...state)
    expect(ran.code).toBe(1)
    expect(ran.stdout).toMatch(
      /missing\s+run-1\/att-1-1\/attestation.json is missing, though the journal vouches/,
    )
  })

  it('finds evidence that was made anew, with the right key even', async () => {
    const other = await testSystem({ terms: { merge: 'auto' }, dir: join(makeTempDir(), 'other') })
    await other.claim({ title: 'Another title' })
    await other.reach('task-1', 'done')
    rmSync(system.layout.runDir('run-1'), { recursive: true })
    renameSync(other.layout.runDir('run-1'), system.layout.runDir('run-1'))
    await other.close()
    const { findings } = await ocJson(
      'verify',
      '--public-key',
      join(other.layout.keys, 'instance.pub'),
      ...state,
    )
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'altered',
        message: expect.stringContaining('is another one, though the journal'),
      }),
    )
  })

  it('finds a journal that was rolled back as a whole, by an anchor or by its hash', async () => {
    const old = await exported()
    await system.store.appendLaneEvent('lane-goal', 'inc-1', 'started', {})
    await system.anchor()
    const { anchor } = await ocJson('verify', ...state)
    const kept = join(makeTempDir(), 'anchor.json')
    writeFileSync(kept, JSON.stringify(anchor))
    const key = ['--public-key', join(system.layout.keys, 'instance.pub')]
    for (const against of [kept, anchor.hash]) {
      expect((await oc('verify', '--against', against, ...state)).code).toBe(0)
      const back = await ocJson('verify', old, ...key, '--against', against)
      expect(back).toMatchObject({ ok: false, journal: { rolledBack: true } })
      expect(back.findings).toContainEqual(expect.objectContaining({ kind: 'rolled_back' }))
    }
  })

  it('does not take a destroyed journal for one', async () => {
    await system.store.close()
    for (const suffix of ['-wal', '-shm']) rmSync(`${system.layout.journal}${suffix}`, { force: true })
    writeFileSync(system.layout.journal, 'x'.repeat(8192))
    const ran = await oc('verify', ...state)
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('not a database') })
    system = await testSystem()
  })
})

describe('verify of one thing', () => {
  it('verifies one run, and a folder of evidence with a key from elsewhere', async () => {
    expect(await oc('verify', 'run-1', ...state)).toMatchObject({
      code: 0,
      stdout: 'run-1: intact; 1 attempts\n',
    })
    const key = ['--public-key', join(system.layout.keys, 'instance.pub')]
    expect((await oc('verify', system.layout.runDir('run-1'), ...key)).code).toBe(0)
    writeFileSync(attestation(), '{}')
    expect(await oc('verify', 'run-1', ...state)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('att-1-1/attestation.json'),
    })
  })

  it('verifies an export with nothing but the key, and finds a changed byte of it', async () => {
    const file = await exported()
    const key = ['--public-key', join(system.layout.keys, 'instance.pub')]
    expect((await ocProcess(['verify', file, ...key])).code).toBe(0)
    writeFileSync(file, readFileSync(file, 'utf8').replace('Add a greeting', 'Add a backdoor'))
    expect(await oc('verify', file, ...key)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('NOT intact'),
    })
    writeFileSync(file, 'garbage\n')
    expect(await oc('verify', file, ...key)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the export is damaged'),
    })
  })

  it('does not accept what another key signed', async () => {
    const other = await testSystem()
    const key = ['--public-key', join(other.layout.keys, 'instance.pub')]
    await other.close()
    expect((await oc('verify', await exported(), ...key)).stdout).toContain('was not signed by this key')
    expect((await oc('verify', 'run-1', ...key, ...state)).stdout).toContain('is not by this key')
  })

  it.each([
    [['run-unknown'], 2, /no evidence of run-unknown/],
    [['/none/such'], 2, /no run and no file/],
    [['a\0b'], 2, /no run and no file "a\\x00b"/],
    [['--against', '/none'], 2, /neither an anchor's hash nor a readable file/],
    [['run-1', '--against', 'a'.repeat(64)], 2, /--against is for journals/],
    [['--public-key', '/etc/hostname'], 2, /not a public key/],
    [['--against', '--json'], 2, /--against needs a value/],
  ])('refuses %j clearly', async (argv, code, reason) => {
    const ran = await oc('verify', ...argv, ...state)
    expect(ran.stderr).toMatch(reason)
    expect(ran.code).toBe(code)
    expect(ran.stderr).not.toMatch(/\n\s+at /)
  })
})

describe('journal', () => {
  it.each([
    ['an empty file', ''],
    ['a file with nothing but an archive’s first line', '{"archive":{"v":1,"streams":["task-1"]}}\n'],
  ])('does not import %s', async (_, text) => {
    const file = join(makeTempDir(), 'empty.ndjson')
    writeFileSync(file, text)
    const fresh = join(makeTempDir(), 'fresh')
    const ran = await oc('journal', 'import', file, '--state-dir', fresh)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain('empty.ndjson": it holds no events and no anchors; export again')
    expect(existsSync(join(fresh, 'journal.db'))).toBe(false)
  })

  it('exports what can be imported into a new folder, looked at and verified', async () => {
    const file = await exported()
    const fresh = join(makeTempDir(), 'looked-at')
    const key = ['--public-key', join(system.layout.keys, 'instance.pub')]
    expect((await ocJson('journal', 'import', file, '--state-dir', fresh)).events).toBeGreaterThan(10)
    expect(await ocJson('verify', '--state-dir', fresh, ...key)).toMatchObject({ ok: true, imported: true })
    expect(await oc('journal', 'import', file, '--state-dir', fresh)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists already'),
    })
  })

  it('leaves nothing behind where the export is damaged', async () => {
    const file = join(makeTempDir(), 'bad.ndjson')
    writeFileSync(file, `{"hash":"${'a'.repeat(64)}","event":{"no":"event"}}\n`)
    const fresh = join(makeTempDir(), 'looked-at')
    const ran = await oc('journal', 'import', file, '--state-dir', fresh)
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('an event is not one') })
    expect(readdirSync(fresh)).toEqual([])
  })

  it('never overwrites, and names what is wrong', async () => {
    const file = join(makeTempDir(), 'precious')
    writeFileSync(file, 'precious')
    expect(await oc('journal', 'export', file, ...state)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exists already'),
    })
    expect(readFileSync(file, 'utf8')).toBe('precious')
    expect((await oc('journal', 'export', '/none/such/file', ...state)).stderr).toContain(
      'cannot be written (ENOENT)',
    )
    expect((await oc('journal', 'export', 'a\0b', ...state)).code).toBe(2)
    expect((await oc('journal', 'import', file)).stderr).toContain('--state-dir DIR')
    expect((await oc('journal', 'import', '/none', '--state-dir', '/none')).code).toBe(2)
  })
})
