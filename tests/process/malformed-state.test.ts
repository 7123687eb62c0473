import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityOf } from '../../src/platform/process-identity.ts'
import { stateLayout } from '../../src/platform/state-layout.ts'
import { oc as inProcess } from '../cli/support/run-cli.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { expectClear, STACK } from './support/expect-clear.ts'
import { MANIFEST } from './support/malformed-inputs.ts'
import { endWhenDone, oc, straysOf } from './support/product.ts'
import { makeSystem, type System } from './support/system.ts'

let system: System
let kept: string

beforeAll(async () => {
  system = makeSystem(MANIFEST)
  kept = await system.addTask('Keep me', '--backlog')
  expect(await system.run()).toMatchObject({ code: 0, stderr: '' })
}, 30_000)

describe('what lies on the disk', () => {
  const strangers: ReturnType<typeof spawn>[] = []
  afterAll(() => {
    for (const stranger of strangers) stranger.kill('SIGKILL')
  })

  /** A copy of the state folder with a manifest that names it. */
  const copy = (): { dir: string; root: string; manifest: string } => {
    const dir = makeTempDir('damaged')
    cpSync(join(system.dir, 'state'), join(dir, 'state'), { recursive: true })
    cpSync(system.repo.bare, join(dir, 'remote.git'), { recursive: true })
    const manifest = join(dir, 'oc-supervise.yaml')
    writeFileSync(manifest, MANIFEST)
    const root = join(dir, 'state/plain')
    endWhenDone(root)
    return { dir, root, manifest }
  }

  const garbage: ReadonlyArray<readonly [name: string, text: string | Buffer]> = [
    ['half-written', '{"v":1,"name":"pl'],
    ['of another kind', '{"v":1,"hello":["world"]}'],
    ['binary', Buffer.from([0, 1, 2, 0xff, 0xfe, 10])],
  ]

  test.each(
    [
      'status.json',
      'control.json',
      'supervisor.owner.json',
      'heartbeats/goal.json',
      'probes/goal.answer.json',
      'probes/goal.challenge.json',
      'requests/req-1.json',
      'manifests/current.json',
      'keepers/att-x/keeper.json',
      'registrations/inc-x/identity',
    ].map((file) => [file] as const),
  )(
    '%s: status answers, the next run goes on, nothing is lost',
    async (file) => {
      const { root, manifest } = copy()
      for (const [name, text] of garbage) {
        mkdirSync(join(root, file, '..'), { recursive: true })
        writeFileSync(join(root, file), text)
        const status = await oc(['status', '--exit-code', '--state-dir', root])
        expect([11, 12, 13], `${name}: ${status.stdout}`).toContain(status.code)
        expect(status.stdout + status.stderr).not.toMatch(STACK)
      }
      const run = await oc(['run', '--until-idle', '--manifest', manifest])
      expect(run, run.stderr).toMatchObject({ code: 0 })
      expect(run.stderr).not.toMatch(STACK)
      expect((await inProcess('task', 'list', '--manifest', manifest)).stdout).toContain(kept)
      // What cannot be read may name somebody alive: nobody says that all has ended.
      const ended = file.startsWith('keepers/') ? 13 : 12
      expect((await oc(['status', '--exit-code', '--state-dir', root])).code).toBe(ended)
    },
    20_000,
  )

  test.each([
    ['supervisor.ndjson', '{"v":1,"n":99,"at":{"wal'],
    ['deaths.ndjson', '{"v":1,"child":"goal"\nnot json\n'],
  ])(
    '%s ends in a half-written line: read past it',
    async (file, text) => {
      const { root, manifest } = copy()
      writeFileSync(join(root, file), text, { flag: 'a' })
      const run = await oc(['run', '--until-idle', '--manifest', manifest])
      expect(run, run.stderr).toMatchObject({ code: 0, stderr: '' })
    },
    20_000,
  )

  const refusals: ReadonlyArray<readonly [name: string, damage: (root: string) => void, said: RegExp]> = [
    [
      'a journal that is no database',
      (root) => writeFileSync(join(root, 'journal.db'), 'hello '.repeat(1000)),
      /journal\.db/,
    ],
    [
      'half a journal',
      (root) => {
        truncateSync(join(root, 'journal.db'), 8_192 + 100)
      },
      /journal\.db/,
    ],
    [
      'a journal of a newer version',
      (root) => {
        const database = new DatabaseSync(join(root, 'journal.db'))
        database.exec("UPDATE meta SET value = '99' WHERE key LIKE '%schema%'; PRAGMA user_version = 99")
        database.close()
      },
      /newer|version/,
    ],
    [
      'a private key that is none',
      (root) => {
        for (const name of readdirSync(join(root, 'keys'))) writeFileSync(join(root, 'keys', name), 'hello\n')
      },
      /keys/,
    ],
    [
      'a registration that cannot be read',
      (root) => {
        mkdirSync(join(root, 'registrations/inc-x'), { recursive: true })
        writeFileSync(join(root, 'registrations/inc-x/intent.json'), '{"v":1,"incarnation":')
      },
      /inc-x/,
    ],
  ]

  test.each(refusals)(
    '%s: the run says so and ends, and changes nothing',
    async (_name, damage, said) => {
      const { root, manifest } = copy()
      checkpoint(root)
      damage(root)
      const before = readFileSync(join(root, 'journal.db'))
      const run = await oc(['run', '--until-idle', '--manifest', manifest])
      expectClear(run, said)
      expect(readFileSync(join(root, 'journal.db')).equals(before)).toBe(true)
      if (!said.test('inc-x')) expect(await straysOf(root)).toEqual([])
    },
    20_000,
  )

  test('a broken task file: the run says so and ends before it starts anything', async () => {
    const { dir, root, manifest } = copy()
    writeFileSync(manifest, MANIFEST.replace('agents:', 'board: {type: local, import: tasks.yaml}\nagents:'))
    for (const [text, said] of [
      ['tasks: [', /tasks\.yaml/],
      ['tasks: [{key: ../a, title: a, goal: a, repo: app}]', /tasks\[0\].*key/],
      ['tasks: [{key: a, title: "a\\nb", goal: a, repo: app}]', /tasks\[0\].*title/],
      ['tasks: [{key: a, title: a, goal: a, repo: none}]', /none/],
    ] as const) {
      writeFileSync(join(dir, 'tasks.yaml'), text)
      const run = await oc(['run', '--until-idle', '--manifest', manifest])
      expectClear(run, said)
    }
    expect(await straysOf(root)).toEqual([])
    expect((await inProcess('task', 'list', '--manifest', manifest)).stdout.trim().split('\n')).toHaveLength(
      2,
    )
  }, 20_000)

  test('a registration that names somebody else’s process: nobody is signalled', async () => {
    const { root, manifest } = copy()
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    strangers.push(stranger)
    const pid = stranger.pid as number
    const identity = identityOf(pid)
    const at = { wallMs: Date.now(), monoMs: 1, bootId: identity?.bootId ?? '' }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').trimEnd()
    const aged = stat.replace(/^(.*\) (?:\S+ ){19})\d+/, '$11')
    const { registration } = stateLayout(root)
    for (const [number, boot, line, role] of [
      [1, at.bootId, aged, 'lane'],
      [2, 'another-boot', stat, 'effect'],
      [3, at.bootId, `${pid}`, 'service'],
      [4, at.bootId, 'hello', 'keeper'],
      [5, at.bootId, aged, 'supervisor'],
    ] as const) {
      const dir = registration(`inc-foreign${number}`)
      mkdirSync(dir, { recursive: true })
      const intent = {
        v: 1,
        incarnation: `inc-foreign${number}`,
        role,
        subject: 'goal',
        owner: 'inc-nobody',
        mark: `not-the-mark-of-anybody-${number}`,
        argv: ['sleep'],
        at: { ...at, bootId: boot },
      }
      writeFileSync(join(dir, 'intent.json'), JSON.stringify(intent))
      writeFileSync(join(dir, 'identity'), `${line}\n`)
    }
    expect(await oc(['status', '--exit-code', '--state-dir', root])).toMatchObject({ code: 12 })
    expect(await oc(['run', '--until-idle', '--manifest', manifest])).toMatchObject({ code: 0, stderr: '' })
    expect(stranger.exitCode).toBeNull()
    expect(stranger.signalCode).toBeNull()
  }, 20_000)
})

const checkpoint = (root: string): void => {
  const database = new DatabaseSync(join(root, 'journal.db'))
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}
