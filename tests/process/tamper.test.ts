import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/contracts/canonical-json.ts'
import type { JsonValue } from '../../src/contracts/json.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { isUp, statusOf, untilStatus } from './support/live-status.ts'
import { oc } from './support/product.ts'
import { makeKey, makeSystem, type System } from './support/system.ts'
import { copyJournal, plant, sign } from './support/tampering.ts'

const MANIFEST = `version: 1
name: tamper
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: ["true"], merge: manual}
agents:
  writer: {type: command, command: [sh, -c, 'echo $OC_SUPERVISE_TASK > $OC_SUPERVISE_TASK.txt']}
lanes:
  goal: {agent: writer, concurrency: 2, max_attempts: 1}
  review: {}
gates:
  operators:
    ada: {ssh_key_file: ada.pub}
`

interface Gate {
  readonly id: string
  readonly refused: number
  readonly refusals: readonly { readonly reason: string }[]
}

let system: System
let keys: Record<'ada' | 'eve', string>
/** The journal as it was after the first run. */
let oldJournal: string
let gates: readonly string[]

/** The task whose pull request a gate is about. */
const taskOf = async (gate: string): Promise<string> => {
  const { tasks } = await system.json<{ tasks: { id: string }[] }>(['task', 'list'])
  const shown = await system.oc(['gate', 'show', gate])
  return tasks.find(({ id }) => shown.stdout.includes(id))?.id ?? ''
}

const openGates = async (): Promise<readonly Gate[]> =>
  (await system.json<{ gates: readonly Gate[] }>(['gate', 'list'])).gates

beforeAll(async () => {
  system = makeSystem(MANIFEST)
  keys = { ada: makeKey(system.dir, 'ada').key, eve: makeKey(system.dir, 'eve').key }
  await system.addTask('Write the first file')
  await system.addTask('Write the second file')
  expect((await system.run()).code).toBe(10)
  gates = (await openGates()).map(({ id }) => id)
  expect(gates).toHaveLength(2)
  oldJournal = makeTempDir('old')
  copyJournal(system.layout.root, oldJournal)
}, 60_000)

describe('a gate decision that is not an operator’s', () => {
  test('wrong key, edited statement, replayed on another gate: refused by the command and by the gate itself', async () => {
    const [gate = '', other = ''] = gates
    const wrongKey = await sign(system, gate, 'approve', keys.eve)
    const rejected = await sign(system, gate, 'reject', keys.ada)
    const edited = {
      ...rejected,
      decision: {
        ...rejected.decision,
        statement: { ...rejected.decision.statement, decision: 'approved' as const },
      },
    }
    writeFileSync(edited.statement, canonicalJson(edited.decision.statement as unknown as JsonValue))
    const replayed = await sign(system, other, 'approve', keys.ada)

    for (const { statement, signature, decision } of [wrongKey, edited, replayed]) {
      const flags = ['--note', 'read it', '--statement', statement, '--signature', signature]
      const answer = await system.oc(['gate', 'approve', gate, ...flags])
      expect(answer, answer.stderr).toMatchObject({ code: 1, stdout: '' })
      plant(system, gate, decision)
    }
    expect((await system.run()).code).toBe(10)
    const shown = await system.json<Gate>(['gate', 'show', gate])
    expect(shown.refused).toBe(3)
    const reasons = shown.refusals.map(({ reason }) => reason)
    expect(reasons[0]).toContain('is not the key of "ada"')
    expect(reasons[1]).toMatch(/signature/)
    expect(reasons[2]).toContain(`the decision is for ${other}, not for ${gate}`)
    expect(system.log()).toEqual(['first'])
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
  }, 60_000)

  test('a key added to gates.operators while running does not decide, nor after a restart on a gate that was open', async () => {
    const [gate = '', other = ''] = gates
    const run = system.start(['run'])
    await untilStatus(system, isUp, 'up')
    system.write(
      'oc-supervise.yaml',
      MANIFEST.replace('    ada:', '    eve: {ssh_key_file: eve.pub}\n    ada:'),
    )
    const { attention } = await untilStatus(
      system,
      (status) => status.attention.some(({ kind }) => kind === 'reload_refused'),
      'the edit is noticed',
    )
    const waiting = attention.find(({ kind }) => kind === 'reload_refused')
    expect(waiting).toMatchObject({ subject: expect.stringContaining('gates.operators') })
    expect(waiting?.action).toContain('run again')

    const decide = (id: string, by: 'ada' | 'eve') =>
      system.oc(['gate', 'approve', id, '--by', by, '--note', 'read it', '--key', keys[by]])
    expect(await decide(gate, 'eve')).toMatchObject({ code: 1, stdout: '' })
    expect(await decide(other, 'ada')).toMatchObject({ code: 0 })
    const merged = await taskOf(other)
    await system.untilState(merged, 'Done')
    expect((await system.oc(['stop'])).code).toBe(0)
    await run.ended

    // The manifest now names eve; this gate opened before.
    expect((await system.run()).code).toBe(10)
    const refused = await decide(gate, 'eve')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('was not an operator when')
    expect(system.log()).toHaveLength(2)
  }, 60_000)

  test('approved, then one more commit on the branch: not merged, Blocked, and it says so', async () => {
    const [gate = ''] = gates
    const task = await taskOf(gate)
    const approve = ['gate', 'approve', gate, '--by', 'ada', '--note', 'read it', '--key', keys.ada]
    expect(await system.oc(approve)).toMatchObject({ code: 0 })
    const { repo } = system
    const { subject } = await system.json<{ subject: { headSha: string } }>(['gate', 'show', gate])
    const branch = repo.gitBare(
      'for-each-ref',
      `--points-at=${subject.headSha}`,
      '--format=%(refname:lstrip=2)',
    )
    // Its evidence is newer than the old journal.
    await system.addTask('Write the third file')
    repo.git('fetch', '--quiet', 'origin')
    repo.git('checkout', '--quiet', '-b', 'late', `origin/${branch}`)
    repo.commit('one more', { 'late.txt': 'not what was approved\n' })
    repo.git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`)

    expect((await system.run()).code).toBe(3)
    expect(await system.task(task)).toMatchObject({ state: 'Blocked' })
    const explained = await system.oc(['explain', task])
    expect(explained.stdout).toContain('somebody else pushed')
    expect(system.show('late.txt')).toBeNull()
    expect(system.show(`${task}.txt`)).toBeNull()
  }, 60_000)
})

interface Verification {
  readonly ok: boolean
  readonly findings: readonly { readonly kind: string; readonly subject: string; readonly message: string }[]
}

describe('what was recorded and changed afterwards', () => {
  const damage = async (
    change: (dir: string, database: DatabaseSync) => void,
    ...flags: string[]
  ): Promise<{ code: number | null; findings: Verification['findings'] }> => {
    const dir = join(makeTempDir('copy'), 'tamper')
    cpSync(system.layout.root, dir, { recursive: true })
    const database = new DatabaseSync(join(dir, 'journal.db'))
    change(dir, database)
    if (database.isOpen) database.close()
    const { code, stdout } = await oc(['verify', '--state-dir', dir, '--json', ...flags])
    return { code, findings: (JSON.parse(stdout) as Verification).findings }
  }

  /** Another letter in the middle of a text: valid JSON of the same length. */
  const flip = (text: string): string => {
    const at = text.indexOf('a', Math.floor(text.length / 2))
    return `${text.slice(0, at)}b${text.slice(at + 1)}`
  }

  const taskStream = (database: DatabaseSync): string =>
    String(database.prepare("SELECT id FROM actors WHERE machine = 'task' AND status = 'done'").get()?.id)

  test('untouched: intact', async () => {
    expect(await damage(() => {})).toEqual({ code: 0, findings: [] })
  })

  test('one byte of an event', async () => {
    let stream = ''
    const { code, findings } = await damage((_dir, database) => {
      stream = taskStream(database)
      const row = database.prepare('SELECT bytes FROM events WHERE stream = ? AND seq = 3').get(stream)
      database
        .prepare('UPDATE events SET bytes = ? WHERE stream = ? AND seq = 3')
        .run(flip(String(row?.bytes)), stream)
    })
    expect(code).toBe(1)
    expect(findings).toMatchObject([{ kind: 'altered', subject: `${stream} event 3` }])
  })

  test.each([
    ['actors', 'snapshot', "machine = 'task'"],
    ['records', 'value', "kind = 'task'"],
  ])('one byte of a state row: %s.%s', async (table, column, where) => {
    let id = ''
    const { code, findings } = await damage((_dir, database) => {
      const row = database.prepare(`SELECT id, ${column} AS text FROM ${table} WHERE ${where} LIMIT 1`).get()
      id = String(row?.id)
      database
        .prepare(`UPDATE ${table} SET ${column} = ? WHERE id = ? AND ${where}`)
        .run(flip(String(row?.text)), id)
    })
    expect(code).toBe(1)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ kind: 'altered', subject: expect.stringContaining(id) })
  })

  test('the last 3 events of an anchored stream, with every trace of them', async () => {
    let stream = ''
    let last = 0
    const { code, findings } = await damage((_dir, database) => {
      stream = taskStream(database)
      last = Number(database.prepare('SELECT seq FROM streams WHERE name = ?').get(stream)?.seq)
      database.prepare('DELETE FROM events WHERE stream = ? AND seq > ?').run(stream, last - 3)
      const head = database
        .prepare('SELECT hash FROM events WHERE stream = ? AND seq = ?')
        .get(stream, last - 3)
      database
        .prepare('UPDATE streams SET seq = ?, head = ? WHERE name = ?')
        .run(last - 3, String(head?.hash), stream)
    })
    expect(code).toBe(1)
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'missing', subject: `${stream} events ${last - 2} to ${last}` }),
    )
  })

  test('a middle evidence file: altered, taken away, slipped in', async () => {
    const attemptOf = (dir: string): string => {
      const [run = ''] = readdirSync(join(dir, 'runs')).sort()
      const [attempt = ''] = readdirSync(join(dir, 'runs', run)).filter((name) => name.startsWith('att-'))
      return join(dir, 'runs', run, attempt)
    }
    const altered = await damage((dir) => {
      const file = join(attemptOf(dir), 'diff.patch')
      writeFileSync(file, flip(readFileSync(file, 'utf8')))
    })
    const missing = await damage((dir) => rmSync(join(attemptOf(dir), 'policy.json')))
    const extra = await damage((dir) => writeFileSync(join(attemptOf(dir), 'approval.json'), '{}'))
    for (const [found, kind, file] of [
      [altered, 'altered', 'diff.patch'],
      [missing, 'missing', 'policy.json'],
      [extra, 'extra', 'approval.json'],
    ] as const) {
      expect(found.code).toBe(1)
      expect(found.findings).toMatchObject([{ kind, subject: expect.stringContaining(file) }])
    }
  })

  test('an older database file, against an anchor kept elsewhere and against the attestations beside it', async () => {
    const { anchor } = await system.json<{ anchor: { hash: string } }>(['verify'])
    const anchorFile = join(makeTempDir('anchor'), 'anchor.json')
    writeFileSync(anchorFile, JSON.stringify(anchor))
    const older = (dir: string, database: DatabaseSync): void => {
      database.close()
      copyJournal(oldJournal, dir)
    }
    for (const against of [anchorFile, anchor.hash]) {
      const found = await damage(older, '--against', against)
      expect(found.code).toBe(1)
      expect(found.findings.map(({ kind }) => kind)).toContain('rolled_back')
    }
    const alone = await damage(older)
    expect(alone.code).toBe(1)
    expect(alone.findings.map(({ kind }) => kind)).toContain('rolled_back')
  })

  test('what only looks like a state folder is refused, not called intact', async () => {
    const { code } = await oc(['verify', '--state-dir', makeTempDir('empty')])
    expect(code).toBe(1)
    expect((await statusOf(system)).claim).toBe('terminal_observed')
  })
})
