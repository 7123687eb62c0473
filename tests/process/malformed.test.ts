import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityOf } from '../../src/platform/process-identity.ts'
import { stateLayout } from '../../src/platform/state-layout.ts'
import { runStatus } from '../../supervisor/status/status-main.ts'
import { oc as inProcess, type Ran } from '../cli/support/run-cli.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { endWhenDone, oc, straysOf } from './support/product.ts'
import { makeSystem, type System } from './support/system.ts'

const MANIFEST = `version: 1
name: plain
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: ["true"], merge: auto}
agents:
  any: {type: command, command: ["true"]}
lanes:
  goal: {agent: any}
gates: {signing: optional}
`

const NUL = 'a\0b'
const ESCAPE = 'a\u001b[2Jb'
const MEGABYTE = 'x'.repeat(1024 * 1024)
const STACK = /\n\s+at /

let system: System
let kept: string

beforeAll(async () => {
  system = makeSystem(MANIFEST)
  kept = await system.addTask('Keep me', '--backlog')
  expect(await system.run()).toMatchObject({ code: 0, stderr: '' })
}, 30_000)

/** A clear error: the code of usage or refusal, one message that says what, nothing a terminal would obey, no stack. */
const expectClear = ({ code, stderr }: Ran, said: RegExp): void => {
  expect(stderr).toMatch(said)
  expect([1, 2], stderr).toContain(code)
  expect(stderr).not.toMatch(STACK)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not come through
  expect(stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/)
  expect(stderr.length).toBeLessThan(4_000)
}

const boardOf = async (): Promise<string> =>
  (await inProcess('task', 'list', '--manifest', system.manifest)).stdout

describe('what a person types', () => {
  const bodies: Readonly<Record<string, string>> = {
    'empty.md': '',
    'blank.md': ' \n\t\n',
    'only-headings.md': '## Goal\n\n## Constraints\n',
    'nul.md': `## Goal\n${NUL}\n`,
    'escape.md': `## Goal\nDo it ${ESCAPE}\n`,
    'one-line.md': MEGABYTE,
    'long.md': `## Goal\n${'word '.repeat(45_000)}\n`,
    'two-goals.md': '## Goal\na\n## Goal\nb\n',
    'no-yaml.md': '## Goal\na\n## Execution\n: : [\n',
    'unknown-key.md': '## Goal\na\n## Execution\nrepos: app\n',
    'list.md': '## Goal\na\n## Execution\n- app\n',
    'alias.md': '## Goal\na\n## Execution\nrepo: &a app\nkind: *a\n',
    'other-repo.md': '## Goal\na\n## Execution\nrepo: ../../etc\n',
    'path-up.md': '## Goal\na\n## Execution\nrepo: app\nallowed_paths: [../etc/**]\n',
    'path-absolute.md': '## Goal\na\n## Execution\nrepo: app\nallowed_paths: [/etc/**]\n',
    'path-newline.md': '## Goal\na\n## Execution\nrepo: app\nallowed_paths: ["a\\nb"]\n',
    'option-branch.md': '## Goal\na\n## Execution\nrepo: app\nbase_branch: --upload-pack=id\n',
    'depends.md': '## Goal\na\ndepends_on: ../task\n',
    'risk.md': '## Goal\na\n## Execution\nrepo: app\nrisk: none\n',
    'latin.md': '## Goal\n\xff\xfe\n',
  }
  const manifests: Readonly<Record<string, string>> = {
    'm-empty.yaml': '',
    'm-nul.yaml': MANIFEST.replace('plain', NUL),
    'm-up.yaml': MANIFEST.replace('name: plain', 'name: ../../plain'),
    'm-newline.yaml': MANIFEST.replace('name: plain', 'name: "a\\nb"'),
    'm-line.yaml': `${MANIFEST}# ${MEGABYTE}`,
    'm-key.yaml': MANIFEST.replace('agents:', 'agnets:'),
    'm-half.yaml': MANIFEST.slice(0, 120),
    'm-bomb.yaml': `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n`,
    'm-option.yaml': MANIFEST.replace('remote.git', '--upload-pack=id'),
    'm-json.yaml': '{"version": 1, "name": "plain"',
    'm-work-tree.yaml': MANIFEST.replace('remote.git', 'work').replace('state_dir: state', 'state_dir: work'),
    'm-sandbox.yaml': MANIFEST.replace('sandbox: off\n', ''),
  }

  beforeAll(() => {
    for (const [name, text] of Object.entries({ ...bodies, ...manifests })) system.write(name, text)
    writeFileSync(join(system.dir, 'latin.md'), Buffer.from(bodies['latin.md'] ?? '', 'latin1'))
    writeFileSync(join(system.dir, 'm-binary.yaml'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0x00, 0xc3]))
    mkdirSync(join(system.dir, 'm-folder.yaml'))
  })

  const add = (...flags: string[]) => ['task', 'add', ...flags]
  const body = (name: string) => add('--file', `@/${name}`)

  /** What was typed and what is said. `@` is the system's folder; its manifest is named where none is. */
  const TYPED: ReadonlyArray<readonly [argv: readonly string[], said: RegExp]> = [
    // Task bodies
    [body('empty.md'), /no goal/],
    [body('blank.md'), /no goal/],
    [body('only-headings.md'), /no goal/],
    [body('nul.md'), /line 2.*control character/],
    [body('escape.md'), /line 2.*control character/],
    [body('one-line.md'), /longer than 256 KiB/],
    [body('long.md'), /characters/],
    [body('two-goals.md'), /a second "## Goal"/],
    [body('no-yaml.md'), /## Execution is no YAML/],
    [body('unknown-key.md'), /repos/],
    [body('list.md'), /key: value/],
    [body('alias.md'), /alias/i],
    [body('other-repo.md'), /repo/],
    [body('path-up.md'), /allowed_paths/],
    [body('path-absolute.md'), /allowed_paths/],
    [body('path-newline.md'), /allowed_paths/],
    [body('option-branch.md'), /base_branch/],
    [body('depends.md'), /depends_on/],
    [body('risk.md'), /risk/],
    [body('latin.md'), /UTF-8/],
    [body('not-there.md'), /cannot be read \(ENOENT\)/],
    [add('--file', '@'), /cannot be read \(EISDIR\)/],
    [add('--file', NUL), /--file/],
    // Task options
    [add(), /exactly one of --goal TEXT and --file FILE/],
    [add('--goal', 'a', '--file', '@/empty.md'), /exactly one of/],
    [add('--goal', '  \n '), /no goal/],
    [add('--goal', NUL), /NUL character/],
    [add('--goal', MEGABYTE), /longer than 256 KiB/],
    [add('--goal', '--json'), /--goal/],
    [add('--goal', 'a', '--title', 'two\nlines'), /title/],
    [add('--goal', 'a', '--title', ESCAPE), /title/],
    [add('--goal', 'a', '--title', 'x'.repeat(300)), /title/],
    [add('--goal', 'a', '--repo', '../app'), /repo/],
    [add('--goal', 'a', '--repo', 'app\nother'), /repo/],
    [add('--goal', 'a', '--kind', '--kind'), /kind/],
    [add('--goal', 'a', '--priority', 'now'), /priority/],
    [add('--goal', 'a', '--label', 'a\nb'), /label/],
    [add('--goal', 'a', '--label', 'x'.repeat(500)), /label/],
    [add('--goal', 'a', '--colour', 'red'), /unknown option/],
    // Names of things
    [['task', 'show', '../../etc/passwd'], /no task/],
    [['task', 'show', 'task-a\nb'], /no task/],
    [['task', 'show', NUL], /no task/],
    [['task', 'show', MEGABYTE], /no task/],
    [['task', 'cancel', '--task'], /unknown option/],
    [['task', 'retry', 'task-none'], /no task/],
    [['task', 'move', 'task-none', 'Ready'], /no task/],
    [['task', 'list', '--state', 'Ready\n'], /--state/],
    [['runs', 'show', '../../state'], /no run/],
    [['runs', 'show', `run-${NUL}`], /no run/],
    [['gate', 'show', 'gate-../..'], /no gate/],
    [['gate', 'approve', 'gate-none', '--note', 'a', '--by', '../ada'], /--by/],
    [['gate', 'approve', 'gate-none', '--note', 'a', '--by', 'ada'], /no gate/],
    [['gate', 'approve', 'gate-none', '--note', MEGABYTE, '--by', 'ada'], /--note/],
    [
      ['gate', 'approve', 'gate-none', '--note', 'a', '--statement', NUL, '--signature', 'b'],
      /no gate|--statement/,
    ],
    [['mark-manual-gate', '--decision', 'maybe', '--note', 'a'], /--decision/],
    [['logs', '../journal.db'], /log/],
    [['logs', NUL], /log/],
    [['explain', 'task-a\nb'], /task-a\\nb|nothing|no /],
    [['explain', MEGABYTE], /x{20}|nothing|no /],
    [['verify', 'run-none'], /no evidence/],
    [['verify', NUL], /no run and no file/],
    [['verify', '--against', 'half'], /--against/],
    [['restart', '../goal'], /no supervisor runs/],
    [['stop', '--gently'], /unknown option/],
    [['run', '--max-wait', '5'], /max-wait/],
    [['run', '--max-wait', '-1h'], /max-wait/],
    [['task', 'list', '--name', '../plain'], /--name/],
    [['task', 'list', '--state-dir', '@/oc-supervise.yaml'], /oc-supervise\.yaml|no system|no board/],
    [['task', 'list', '--state-dir', NUL], /state-dir|no board|null/],
    [['journal', 'export', '@/oc-supervise.yaml'], /exist/],
    [['journal', 'import', '@/m-line.yaml', '--state-dir', '@/imported'], /neither an event nor an anchor/],
    [['lunch\nnow'], /no command/],
    [[MEGABYTE], /no command/],
    [[NUL], /no command/],
    // Manifests
    ...[
      'empty',
      'nul',
      'up',
      'newline',
      'line',
      'key',
      'half',
      'bomb',
      'option',
      'json',
      'sandbox',
      'binary',
      'folder',
    ].flatMap((name): [string[], RegExp][] => [
      [['run', '--until-idle', '--manifest', `@/m-${name}.yaml`], new RegExp(`m-${name}.yaml`)],
      [['task', 'list', '--manifest', `@/m-${name}.yaml`], new RegExp(`m-${name}.yaml`)],
    ]),
    [['run', '--until-idle', '--manifest', '@/m-work-tree.yaml'], /lies inside repos\.app/],
    [['manifest', 'check', '--manifest', NUL], /manifest/],
    [['manifest', 'check', '--manifest', '@/none.yaml'], /none\.yaml/],
  ]

  test('there are enough of them', () => expect(TYPED.length).toBeGreaterThan(80))

  test.each(
    TYPED.map(
      ([argv, said]) =>
        [argv.map((each) => JSON.stringify(each).slice(0, 40)).join(' '), argv, said] as const,
    ),
  )('%s', async (_name, argv, said) => {
    const placed = argv.map((each) => each.replace(/^@(?=\/|$)/, system.dir))
    const isNamed = placed.some((each) => ['--manifest', '--name', '--state-dir'].includes(each))
    const takes = isNamed || !/^[a-z]/.test(placed[0] ?? '') || (placed[0]?.length ?? 0) > 40
    expectClear(await inProcess(...placed, ...(takes ? [] : ['--manifest', system.manifest])), said)
  })

  test('nothing was lost, added or left behind', async () => {
    const board = await boardOf()
    expect(board.trim().split('\n')).toHaveLength(2)
    expect(board).toContain(kept)
    expect(readdirSync(join(system.dir, 'imported'))).toEqual([])
    expect((await inProcess('verify', '--manifest', system.manifest)).code).toBe(0)
  })

  test.each([
    [['--format', 'xml'], 2],
    [['--format', 'nagios', '--colour'], 3],
    [['--state-dir'], 2],
    [['--name', '../plain'], 2],
    [['--run-id', '../..'], 2],
    [['--run-id', 'run-a\nb'], 2],
    [['--accept', 'anything'], 2],
    [['extra'], 2],
  ] as const)('status %j', async (flags, code) => {
    let said = ''
    const stateDirOf = async (): Promise<string> => system.layout.root
    const stderr = { write: (text: string) => (said += text) }
    const argv = flags.some((flag) => flag === '--name' || flag === '--state-dir')
      ? flags
      : [...flags, '--state-dir', system.layout.root]
    expect(
      await runStatus({ argv: [...argv], env: {}, stdout: { write: () => {} }, stderr, stateDirOf }),
    ).toBe(code)
    expect(said).toMatch(/^oc-supervise status: /)
    expect(said.trim().split('\n')).toHaveLength(1)
  })
})

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
      expectClear({ ...run, code: run.code ?? -1 }, said)
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
      expectClear({ ...run, code: run.code ?? -1 }, said)
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
