import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeTempDir } from '../support/temp-dir.ts'
import { oc, ocJson } from './support/run-cli.ts'

describe('task add', () => {
  let manifest: string[]
  let dir: string
  beforeEach(() => {
    dir = makeTempDir('task')
    const file = join(dir, 'oc-supervise.yaml')
    writeFileSync(
      file,
      `version: 1
name: adding
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: ["true"]}
agents:
  writer: {type: command, command: ["true"]}
lanes:
  goal: {agent: writer}
gates: {signing: optional}
`,
    )
    manifest = ['--manifest', file]
  })

  const add = (...more: string[]) => oc('task', 'add', ...more, ...manifest)
  const addFile = (execution: string) => {
    const file = join(dir, 'task.md')
    writeFileSync(file, `## Goal\nDo it\n## Execution\nrepo: app\n${execution}\n`)
    return ['--file', file]
  }

  it('says who takes it up', async () => {
    expect((await add('--goal', 'Do it')).stdout).toMatch(
      /^task-\S+ is Ready; nothing runs here now; the next/,
    )
    expect(await ocJson('task', 'add', '--goal', 'Do it', ...manifest)).toMatchObject({ warnings: [] })
  })

  it('promises nothing of a card in Backlog', async () => {
    expect((await add('--goal', 'Do it', '--backlog')).stdout).toMatch(
      /^task-\S+ is Backlog; no lane claims it until it is moved to Ready\n$/,
    )
  })

  it('warns of a lane that is off, and adds it all the same', async () => {
    const { code, stdout } = await add('--goal', 'Do it', '--kind', 'test')
    expect(code).toBe(0)
    expect(stdout).toMatch(/is Ready; nobody takes it up as things are\nwarning: Turn the lane test on: /)
    expect((await ocJson('task', 'list', ...manifest)).tasks).toHaveLength(1)
  })

  it('warns of a task that it depends on and that is none', async () => {
    const { warnings } = await ocJson('task', 'add', ...addFile('depends_on: [task-none]'), ...manifest)
    expect(warnings).toEqual(['it depends on task-none, and there is no such task yet'])
    const { id } = await ocJson('task', 'add', '--goal', 'Do it', ...manifest)
    expect(await ocJson('task', 'add', ...addFile(`depends_on: [${id}]`), ...manifest)).toMatchObject({
      warnings: [],
    })
  })
})
