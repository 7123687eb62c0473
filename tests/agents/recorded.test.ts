import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { agentType } from '../../src/agents/agent-types.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { agentConfig, agentRequest, keeperExit } from './agent-fixture.ts'
import { streamsOf } from './recorded-stream.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/agents/recordings')
const agent = agentType('recorded')

/** Runs the composed argv in a workspace, as a keeper would, and judges what it left. */
const play = (
  recordings: string,
  title: string,
  attempt: number,
  prepare = (_workspace: string): void => {},
) => {
  const dir = makeTempDir('recorded')
  const workspace = join(dir, 'w')
  mkdirSync(join(workspace, 'src'), { recursive: true })
  writeFileSync(join(workspace, 'src/app.txt'), 'one\ntwo\n')
  prepare(workspace)
  const launch = agent.compose(
    agentConfig({ type: 'recorded', recordings }),
    agentRequest({ task: { id: 'task-1', title }, attempt, workspace, promptFile: join(dir, 'prompt') }),
  )
  const [program = '', ...args] = launch.argv
  const run = spawnSync(program, args, { cwd: workspace, encoding: 'utf8', env: { PATH: process.env.PATH } })
  const streams = streamsOf(run.stdout, run.stderr)
  const lines = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const judge = (exit: ReturnType<typeof keeperExit> | null) => agent.judge(streams, exit, 0)
  return { workspace, streams, run, lines, judge, judged: judge(keeperExit({ exitCode: run.status })) }
}

/** A folder with one recording of these steps for any task. */
const recordingOf = (steps: unknown): string => {
  const dir = makeTempDir('recordings')
  writeFileSync(join(dir, 'any.json'), JSON.stringify({ version: 1, runs: [{ when: {}, steps }] }))
  return dir
}

describe('which recording', () => {
  test('by the title’s slug and the attempt', () => {
    const first = play(FIXTURES, 'Fix: the Greeting!', 1)
    expect(first.run.status).toBe(1)
    expect(first.judged).toMatchObject({ success: false, recorded: true, failure: { class: 'tool_failure' } })
    const second = play(FIXTURES, 'Fix: the Greeting!', 2)
    expect(second.judged).toMatchObject({ success: true, failure: null, recorded: true })
    expect(readFileSync(join(second.workspace, 'src/app.txt'), 'utf8')).toBe('one\n2\n')
  })

  test('by `when` inside a recording', () => {
    expect(play(FIXTURES, 'Write docs', 1).lines[0]).toMatchObject({ file: 'mapped.json' })
    expect(play(FIXTURES, 'Write docs', 1).judged.success).toBe(true)
    expect(play(FIXTURES, 'Write docs', 2).run.status).toBe(9)
  })

  test('none: it says which file is wanted', () => {
    const { run, judged } = play(FIXTURES, 'Nobody recorded this', 1)
    expect(run.status).toBe(3)
    expect(judged.failure).toMatchObject({
      class: 'infra_tooling',
      reason: expect.stringContaining('nobody-recorded-this.attempt-1.json'),
    })
  })

  test('a broken one names its file and the place', () => {
    const { judged } = play(recordingOf([{ do: 'edit', path: 'a' }]), 't', 1)
    expect(judged.failure?.reason).toMatch(/any\.json/)
    expect(judged.failure?.reason).toMatch(/exactly one of/)
  })
})

describe('what it does', () => {
  test('every step, and every line says that it is a recording', () => {
    const { workspace, lines, run } = play(
      recordingOf([
        { do: 'read', path: 'src/app.txt' },
        { do: 'edit', path: 'new/deep/file.txt', content: 'made\n' },
        { do: 'edit', path: 'src/app.txt', replace: { find: 'one', with: '$&1' } },
        { do: 'delete', path: 'new/deep' },
        { do: 'output', text: 'thinking' },
        { do: 'output', text: 'oops', to: 'stderr' },
        { do: 'wait', ms: 1 },
      ]),
      't',
      1,
    )
    expect(readFileSync(join(workspace, 'src/app.txt'), 'utf8')).toBe('$&1\ntwo\n')
    expect(existsSync(join(workspace, 'new/deep'))).toBe(false)
    expect(run.stderr).toBe('oops\n')
    expect(lines.every((line) => line.recorded === true)).toBe(true)
    expect(lines.at(-1)).toMatchObject({ type: 'recording_finished', success: true })
  })

  test.each([
    ['../outside.txt'],
    ['/etc/hosts'],
    ['src/../../outside.txt'],
    ['link/file.txt'],
    ['dangling'],
    ['.git/config'],
    ['src/../.GIT/hooks/pre-commit'],
    ['gitlink/config'],
    ['.'],
  ])('a path that leaves the workspace is refused: %s', (path) => {
    const { run, workspace } = play(recordingOf([{ do: 'edit', path, content: 'x' }]), 't', 1, (w) => {
      symlinkSync(makeTempDir('outside'), join(w, 'link'))
      symlinkSync(join(w, '../outside.txt'), join(w, 'dangling'))
      mkdirSync(join(w, '.git'))
      symlinkSync('.git', join(w, 'gitlink'))
    })
    expect(run.status).toBe(3)
    expect(run.stderr).toMatch(/not inside the workspace/)
    expect(existsSync(join(workspace, '../outside.txt'))).toBe(false)
  })

  test('a replacement must stand exactly once', () => {
    const { run } = play(
      recordingOf([{ do: 'edit', path: 'src/app.txt', replace: { find: 'o', with: 'x' } }]),
      't',
      1,
    )
    expect(run.stderr).toMatch(/stands 2 times/)
  })
})

test('without a keeper’s record its last line decides; a cut line decides nothing', () => {
  const { judge, streams, run } = play(FIXTURES, 'Fix: the Greeting!', 2)
  expect(judge(null).success).toBe(true)
  writeFileSync(streams.stdout.file, run.stdout.slice(0, -10))
  expect(judge(null)).toMatchObject({ success: false, failure: null, recorded: true })
})
