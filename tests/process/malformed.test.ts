import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { runStatus } from '../../supervisor/status/status-main.ts'
import { oc as inProcess } from '../cli/support/run-cli.ts'
import { expectClear } from './support/expect-clear.ts'
import { BODIES, MANIFEST, MANIFESTS, TYPED } from './support/malformed-inputs.ts'
import { oc } from './support/product.ts'
import { makeSystem, type System } from './support/system.ts'

let system: System
let kept: string

beforeAll(async () => {
  system = makeSystem(MANIFEST)
  kept = await system.addTask('Keep me', '--backlog')
  expect(await system.run()).toMatchObject({ code: 0, stderr: '' })
}, 30_000)

const boardOf = async (): Promise<string> =>
  (await inProcess('task', 'list', '--manifest', system.manifest)).stdout

describe('what a person types', () => {
  beforeAll(() => {
    for (const [name, text] of Object.entries({ ...BODIES, ...MANIFESTS })) system.write(name, text)
    writeFileSync(join(system.dir, 'latin.md'), Buffer.from(BODIES['latin.md'] ?? '', 'latin1'))
    writeFileSync(join(system.dir, 'm-binary.yaml'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0x00, 0xc3]))
    mkdirSync(join(system.dir, 'm-folder.yaml'))
  })

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

  test.each(['status', 'stop'])(
    '%s with a manifest that cannot be read says how to do without one',
    async (command) => {
      system.write('broken.yaml', 'version: 1\n  name: [')
      const said = await oc([command, '--manifest', join(system.dir, 'broken.yaml')], { cwd: system.dir })
      expectClear(said, /broken\.yaml:/)
      expect(said.stderr).toContain('without a manifest: --state-dir DIR, or --name NAME')
      expect(said.code).toBe(2)
    },
  )

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
