import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { localBoard } from '../../src/board/local-board.ts'
import { setCurrentManifest, storeManifest } from '../../src/cli/compose/stored-manifest.ts'
import type { CompiledManifest } from '../../src/contracts/compiled-manifest.ts'
import * as sample from '../machines/durable/support/samples.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { oc, ocJson } from './support/run-cli.ts'
import { type Answers, type TestSystem, testSystem } from './support/test-system.ts'

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

describe('a card that a person moves', () => {
  const move = async (lanes: object) => {
    const system = await testSystem()
    const on = ['--state-dir', system.dir]
    const by = { actor: 'person', name: 'ada', fence: null } as const
    await localBoard(system.store).add(sample.taskInput().spec, 'Backlog', by)
    setCurrentManifest(system.layout, storeManifest(system.layout, { lanes } as unknown as CompiledManifest))
    await system.close()
    return (...to: string[]) => oc('task', ...to, ...on)
  }

  it('says who takes it up once it is Ready', async () => {
    const told = await move({ goal: {} })
    expect((await told('move', 'task-1', 'Ready')).stdout).toMatch(
      /^task-1 is Ready; nothing runs here now; /,
    )
    expect((await told('move', 'task-1', 'Backlog')).stdout).toBe('task-1 is Backlog\n')
    expect((await told('retry', 'task-1')).stdout).toMatch(/^task-1 is Ready; nothing runs here now; /)
  })

  it('says that nobody does where its lane is off', async () => {
    const told = await move({})
    const off = /^task-1 is Ready; lane goal is off: nobody takes it up/
    expect((await told('move', 'task-1', 'Ready')).stdout).toMatch(off)
    await told('move', 'task-1', 'Backlog')
    expect((await told('retry', 'task-1')).stdout).toMatch(off)
  })

  it('is told which option is missing, where nothing but a reason is', async () => {
    const told = await move({})
    expect((await told('move', 'task-1', 'Done')).stderr).toMatch(
      /needs a reason; give one with --reason TEXT\n$/,
    )
    expect((await told('move', 'task-1', 'Running')).stderr).not.toContain('--reason')
  })
})

describe('what a task is told', () => {
  const opened: TestSystem[] = []
  afterAll(async () => {
    for (const each of opened) await each.close()
  })

  /** task-1 at a step; its card stands as if the task had moved it. */
  const at = async (step: string, answers: Answers = {}) => {
    const system = await testSystem({ answers })
    opened.push(system)
    const on = ['--state-dir', system.dir]
    const by = { actor: 'person', name: 'ada', fence: null } as const
    await localBoard(system.store).add(sample.taskInput().spec, 'Ready', by)
    await oc('task', 'move', 'task-1', 'Blocked', '--reason', 'as the task would', ...on)
    await system.claim()
    await system.reach('task-1', step)
    return { system, on }
  }

  const asks = (): Answers => ({
    runAgent: () => sample.ended('failed', sample.failed('awaiting_input', 'the agent asks: Which port?')),
  })

  it('is refused where nothing would come of it, and leaves no event', async () => {
    const { system, on } = await at('inReview')
    await system.settle()
    const ran = await oc('task', 'retry', 'task-1', ...on)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/task-1 is at inReview, where nothing comes of retry; .*explain task-1/)
    expect(await ocJson('task', 'answer', 'task-1', '--text', 'yes', ...on)).toMatchObject({
      ok: false,
      code: 'asks_nothing',
    })
    expect(await system.store.hasWaiting('goal')).toBe(false)
    expect(await oc('task', 'cancel', 'task-1', ...on)).toMatchObject({ code: 0 })
    expect(await system.store.hasWaiting('goal')).toBe(true)
  })

  it('names its question wherever it is looked at', async () => {
    const { on } = await at('blocked', asks())
    const id = 'question-att-1-1'
    expect((await oc('task', 'show', 'task-1', ...on)).stdout).toContain(`${id}: oc-supervise task answer`)
    expect((await oc('task', 'list', ...on)).stdout).toContain(id)
    expect((await ocJson('task', 'list', ...on)).tasks).toMatchObject([{ id: 'task-1', question: id }])
    expect((await ocJson('explain', 'task-1', ...on)).because).toContain(`it asks ${id}`)
  })

  it('is an answer only to the question that is open', async () => {
    const { system, on } = await at('blocked', asks())
    const answer = (...more: string[]) => oc('task', 'answer', 'task-1', '--text', '8080', ...on, ...more)
    expect(await answer('--question', 'question-att-1-0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('task-1 asks question-att-1-1 now, not "question-att-1-0"'),
    })
    expect(await system.store.hasWaiting('goal')).toBe(false)
    expect(await answer('--question', 'question-att-1-1')).toMatchObject({ code: 0 })
    await system.reach('task-1', 'blocked')
    await system.settle()
    expect((await ocJson('task', 'show', 'task-1', ...on)).question).toBe('question-att-1-2')
    expect(await answer('--question', 'question-att-1-1')).toMatchObject({ code: 1 })
  })
})
