import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeTempDir } from '../support/temp-dir.ts'
import { statusOf } from './support/live-status.ts'
import { oc } from './support/product.ts'
import { makeSystem, type System } from './support/system.ts'
import { copyJournal } from './support/tampering.ts'

const MANIFEST = `version: 1
name: tamper
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: ["true"], merge: auto}
agents:
  writer: {type: command, command: [sh, -c, 'echo $OC_SUPERVISE_TASK > $OC_SUPERVISE_TASK.txt']}
lanes:
  goal: {agent: writer, max_attempts: 1}
  review: {}
gates: {signing: optional}
`

let system: System
/** The journal as it was after the first run. */
let oldJournal: string

/** Two runs that merged a task each. */
beforeAll(async () => {
  system = makeSystem(MANIFEST)
  await system.addTask('Write the first file')
  expect((await system.run()).code).toBe(0)
  oldJournal = makeTempDir('old')
  copyJournal(system.layout.root, oldJournal)
  await system.addTask('Write the second file')
  expect((await system.run()).code).toBe(0)
}, 60_000)

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
