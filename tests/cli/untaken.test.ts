import { afterAll, describe, expect, it } from 'vitest'
import { localBoard } from '../../src/board/local-board.ts'
import type { Attention, StatusFile } from '../../src/contracts/status.ts'
import { writeStatus } from '../../supervisor/status/write-status.ts'
import * as sample from '../machines/durable/support/samples.ts'
import { makeTree, status } from '../supervisor/status/status-fixture.ts'
import { oc, ocJson } from './support/run-cli.ts'
import { type Answers, type TestSystem, testSystem } from './support/test-system.ts'

const opened: TestSystem[] = []
afterAll(async () => {
  for (const each of opened) await each.close()
})

const begin = async (answers: Answers = {}) => {
  const system = await testSystem({ answers, terms: { signing: 'optional', operators: [] } })
  opened.push(system)
  const by = { actor: 'person', name: 'ada', fence: null } as const
  await localBoard(system.store).add(sample.taskInput().spec, 'Ready', by)
  await oc('task', 'move', 'task-1', 'Blocked', '--reason', 'x', '--state-dir', system.dir)
  await system.claim()
  return { system, on: ['--state-dir', system.dir] }
}

const asks = (): Answers => ({
  runAgent: () => sample.ended('failed', sample.failed('awaiting_input', 'the agent asks: Which port?')),
})

const wanted = (kind: Attention['kind'], subject: string): Attention => ({
  ...{ kind, subject, reason: 'as recorded', action: 'decide' },
})

/** What `status` lists, given what a supervisor recorded that is dead since. */
const listed = async (dir: string, attention: Attention[], over: Partial<StatusFile> = {}) => {
  const tree = await makeTree()
  writeStatus(`${dir}/status.json`, tree.file({ attention, children: [], ...over }))
  await tree.supervisor.signal('SIGKILL')
  return JSON.parse((await status(dir, '--json')).out).attention
}

const decide = (verb: string, by: string, on: string[]) =>
  oc('gate', verb, 'gate-1-1-1', '--by', by, '--note', 'read it', ...on)

describe('a decision that was left while nothing runs', () => {
  it('is told by status, by the list of gates and by explain alike', async () => {
    const { system, on } = await begin()
    await system.reach('gate-1-1-1', 'undecided.open')
    await system.settle()
    const gate = wanted('open_gate', 'gate-1-1-1')
    const other = wanted('agent', 'coder')
    expect(await listed(system.dir, [gate, other])).toEqual([gate, other])
    await decide('approve', 'ada', on)
    const told = 'approved by ada; waits for a run to take it up'
    expect(await listed(system.dir, [gate, other])).toEqual([
      { ...gate, reason: told, action: 'oc-supervise run' },
      other,
    ])
    for (const format of ['text', 'nagios'])
      expect((await status(system.dir, `--format=${format}`)).out).toContain(told)
    expect((await oc('gate', 'list', ...on)).stdout).toContain(told)
    expect(await ocJson('explain', 'gate-1-1-1', ...on)).toMatchObject({
      because: expect.arrayContaining(['approved by ada, which nobody has taken up yet']),
      action: 'nothing runs here now; the next `oc-supervise run` takes it up',
    })
    await system.reach('gate-1-1-1', 'approved')
    expect(await listed(system.dir, [gate])).toEqual([gate])
  })

  it('stands before one that is left after it, which is told so', async () => {
    const { system, on } = await begin()
    await system.reach('gate-1-1-1', 'undecided.open')
    await decide('approve', 'ada', on)
    expect((await decide('reject', 'bob', on)).stdout).toContain(
      'rejected by bob, unsigned; approved by ada was left before it, and the first that holds counts; ',
    )
    await system.reach('gate-1-1-1', 'approved')
  })

  it('is not looked for while a supervisor may take it up, nor where the journal does not answer', async () => {
    const { system, on } = await begin()
    await system.reach('gate-1-1-1', 'undecided.open')
    await decide('approve', 'ada', on)
    const gate = wanted('open_gate', 'gate-1-1-1')
    const tree = await makeTree()
    writeStatus(`${system.dir}/status.json`, tree.file({ attention: [gate] }))
    expect(JSON.parse((await status(system.dir, '--json')).out).attention).toEqual([gate])
    expect(await listed(tree.layout.root, [gate])).toEqual([gate])
  })
})

describe('an answer that was left while nothing runs', () => {
  it('answers the question: it is asked no more, and a second answer is refused', async () => {
    const { system, on } = await begin(asks())
    await system.reach('task-1', 'blocked')
    await system.settle()
    const answer = () => oc('task', 'answer', 'task-1', '--text', '8080', ...on)
    const question = wanted('question', 'task-1')
    expect((await answer()).code).toBe(0)
    expect(await answer()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /task-1 asks nothing now; answer by \S+ was left for it, and nothing runs/,
      ),
    })
    expect((await system.store.waitingEvents({ id: 'task-1', queue: 'goal' })).length).toBe(1)
    expect((await ocJson('task', 'list', ...on)).tasks).toMatchObject([{ id: 'task-1', question: null }])
    expect(await ocJson('task', 'show', 'task-1', ...on)).toMatchObject({
      question: null,
      untaken: expect.stringMatching(/^answer by /),
    })
    expect((await oc('task', 'show', 'task-1', ...on)).stdout).toMatch(/told\s+answer by \S+; nothing runs/)
    const [left] = await listed(system.dir, [question])
    expect(left.reason).toMatch(/^answer by \S+; waits for a run to take it up$/)
  })
})

describe('what is left for a lane that outlived its supervisor', () => {
  it('is said to be taken up by that lane, as long as it lives', async () => {
    const { system, on } = await begin(asks())
    await system.reach('task-1', 'blocked')
    await system.settle()
    const tree = await makeTree()
    writeStatus(`${system.dir}/status.json`, tree.file())
    const { pid } = tree.lane.identity
    const cancel = () => ocJson('task', 'cancel', 'task-1', ...on)
    expect(await cancel()).toMatchObject({ consumer: 'lane' })
    expect((await oc('task', 'cancel', 'task-1', ...on)).stdout).toMatch(
      new RegExp(
        `lane goal \\(pid ${pid}\\) has outlived its supervisor and goes on with what it holds; the next`,
      ),
    )
    await tree.lane.signal('SIGKILL')
    expect(await cancel()).toMatchObject({ consumer: 'next_run' })
  })
})
