import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localBoard } from '../../src/board/local-board.ts'
import { setCurrentManifest, storeManifest } from '../../src/cli/compose/stored-manifest.ts'
import type { CompiledManifest } from '../../src/contracts/compiled-manifest.ts'
import { FAILURE_CLASSES } from '../../src/contracts/failure.ts'
import { EffectFailure } from '../../src/durable/effect.ts'
import { systemClock } from '../../src/platform/clock.ts'
import * as sample from '../machines/durable/support/samples.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { oc, ocJson } from './support/run-cli.ts'
import { type Answers, type TestSystem, testSystem } from './support/test-system.ts'

const opened: TestSystem[] = []
afterAll(async () => {
  for (const each of opened) await each.close()
})

const begin = async (answers: Answers = {}, options: Parameters<typeof testSystem>[0] = {}) => {
  const system = await testSystem({ ...options, answers })
  opened.push(system)
  await system.claim()
  return { system, state: ['--state-dir', system.dir] }
}

const guardsOf = (told: { guards: { guard: string; answer: boolean }[] }, answer: boolean): string[] =>
  told.guards.filter((each) => each.answer === answer).map(({ guard }) => guard)

describe('explain of a task', () => {
  it('tells the state, the event that led there, the guards that said no, and the action', async () => {
    const { system, state } = await begin({
      runAgent: () => sample.ended('failed', sample.failed('auth', 'the key\u001b[31m expired')),
    })
    await system.reach('task-1', 'blocked')
    const told = await ocJson('explain', 'task-1', ...state)
    expect(told).toMatchObject({
      kind: 'task',
      state: 'blocked',
      because: ['auth: the key\u001b[31m expired'],
      led: {
        type: 'xstate.done.actor.releaseWorkspace',
        what: 'effect releaseWorkspace finished',
        from: 'releasing',
      },
      next: null,
      action: expect.stringContaining('oc-supervise task retry task-1'),
    })
    expect(guardsOf(told.led, false)).toEqual(
      expect.arrayContaining(['endingAsked', 'passed', 'attemptsLeft']),
    )
    const { stdout } = await oc('explain', 'task-1', ...state)
    expect(stdout).toContain('the key\\x1b[31m expired')
    expect(stdout).toContain('Stopped, with class, reason and next action.')
    expect(stdout).toMatch(/no: .*attemptsLeft/)
  })

  it('shows the end of what a failure goes back on', async () => {
    const excerpt = Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n')
    const { system, state } = await begin({
      runAgent: () => sample.ended('failed', { ...sample.failed('auth'), excerpt: `${excerpt}\n` }),
    })
    await system.reach('task-1', 'blocked')
    const { stdout } = await oc('explain', 'task-1', ...state)
    expect(stdout.match(/line \d+/g)).toHaveLength(15)
    expect(stdout).toMatch(/\n {2}excerpt\s+line 25\n/)
    expect((await ocJson('explain', 'task-1', ...state)).excerpt).toContain('line 0\n')
  })

  it('tells the next timed step', async () => {
    const { system, state } = await begin({ runAgent: () => sample.ended('failed', sample.failed('oom')) })
    await system.reach('task-1', 'retryWait')
    const told = await ocJson('explain', 'task-1', ...state)
    expect(told.next.what).toBe('timer retryDelay')
    expect(Date.parse(told.next.at)).toBeGreaterThan(systemClock.wallMs() + 30_000)
    expect(guardsOf(told.led, true)).toContain('attemptsLeft')
  })

  it('tells an event that came and changed nothing, and why', async () => {
    const { system, state } = await begin({
      runAgent: () => sample.ended('failed', sample.failed('auth')),
    })
    await system.reach('task-1', 'blocked')
    await system.store.enqueue({
      id: 'answer',
      actor: 'task-1',
      queue: 'goal',
      event: { type: 'ANSWER', by: 'ada', text: 'yes' },
      start: null,
    })
    await system.settle()
    const told = await ocJson('explain', 'task-1', ...state)
    expect(told.ignored).toMatchObject({
      what: 'ANSWER by ada',
      from: 'blocked',
      guards: [{ guard: 'awaitsInput', answer: false }],
    })
    expect(told.led.from).toBe('releasing')
    expect((await oc('explain', 'task-1', ...state)).stdout).toContain('which changed nothing')
  })

  it('tells what is under way, who holds it, and that nobody does', async () => {
    let release = (): void => {}
    const held = new Promise<void>((go) => {
      release = go
    })
    const { system, state } = await begin({
      runAgent: async () => {
        await held
        return sample.ended('completed')
      },
    })
    await system.reach('task-1', 'working')
    expect(await ocJson('explain', 'task-1', ...state)).toMatchObject({
      state: 'working',
      working: ['runAgent'],
      holder: expect.stringContaining(`pid ${process.pid}, alive`),
      action: 'Nothing: it goes on by itself.',
    })
    release()
    await system.reach('review-1-1', 'awaitingGate')
    const told = await ocJson('explain', 'task-1', ...state)
    expect(told.action).toBe('oc-supervise explain review-1-1')
  })

  it('says that nobody is there to go on where nobody is', async () => {
    const system = await testSystem({
      answers: { runAgent: () => sample.ended('failed', sample.failed('oom')) },
    })
    await system.claim()
    await system.reach('task-1', 'retryWait')
    await system.close()
    const told = await ocJson('explain', 'task-1', '--state-dir', system.dir)
    expect(told).toMatchObject({
      holder: 'nobody (queue goal)',
      action: expect.stringContaining('oc-supervise run'),
    })
  })

  it('explains an effect that failed and is tried again', async () => {
    const { system, state } = await begin({
      prepareWorkspace: () => {
        throw new EffectFailure({ class: 'infra_tooling', reason: 'the disk is full' })
      },
    })
    await system.reach('task-1', 'waitingOut')
    const told = await ocJson('explain', 'task-1', ...state)
    expect(told.because).toContain('preparing failed 1 times: the disk is full')
    expect(told.led.what).toBe('effect prepareWorkspace failed (infra_tooling: the disk is full)')
    expect(guardsOf(told.led, true)).toEqual(['mayTryAgain {"at":"preparing"}'])
  })

  it('explains a task that nobody has claimed by its card', async () => {
    const { system, state } = await begin()
    const by = { actor: 'person', name: 'ada', fence: null } as const
    const board = localBoard(system.store)
    await board.add(sample.taskInput({ id: 'task-first' }).spec, 'Backlog', by)
    await board.add(sample.taskInput({ id: 'task-later', dependsOn: ['task-first'] }).spec, 'Ready', by)
    expect(await ocJson('explain', 'task-later', ...state)).toMatchObject({
      state: 'Ready',
      because: ['it waits for task-first, which is Backlog', 'the lane goal has never run'],
      action: 'oc-supervise explain task-first',
    })
  })
})

describe('explain of what nobody takes up', () => {
  const inForce = (system: TestSystem, lanes: object): void => {
    const manifest = { lanes } as unknown as CompiledManifest
    setCurrentManifest(system.layout, storeManifest(system.layout, manifest))
  }

  it('names the lane that is off in place of a review that is no actor yet', async () => {
    const { system, state } = await begin({}, { queues: ['goal'] })
    await system.reach('task-1', 'inReview')
    await system.settle()
    inForce(system, { goal: {} })
    const { action } = await ocJson('explain', 'task-1', ...state)
    expect(action).toBe(
      'Turn the lane review on: add lanes.review to the manifest; nobody else takes up what waits for it',
    )
    inForce(system, { goal: {}, review: {} })
    expect((await ocJson('explain', 'task-1', ...state)).action).toMatch(/once the lane review is up/)
  })

  it('names the lane of a card, and the task that it waits for and that is none', async () => {
    const { system, state } = await begin()
    inForce(system, { goal: {} })
    const by = { actor: 'person', name: 'ada', fence: null } as const
    const board = localBoard(system.store)
    await board.add(sample.taskInput({ id: 'task-test', kind: 'test' }).spec, 'Ready', by)
    await board.add(sample.taskInput({ id: 'task-lost', dependsOn: ['task-none'] }).spec, 'Ready', by)
    expect((await ocJson('explain', 'task-test', ...state)).action).toMatch(/^Turn the lane test on/)
    expect(await ocJson('explain', 'task-lost', ...state)).toMatchObject({
      because: ['it waits for task-none, which is unknown', expect.any(String)],
      action:
        'There is no task-none: oc-supervise task cancel task-lost, and add it again with the right one',
    })
  })
})

describe('explain of what belongs to a task', () => {
  let system: TestSystem
  let state: string[]
  beforeAll(async () => {
    ;({ system, state } = await begin())
    await system.reach('gate-1-1-1', 'undecided.open')
    await system.settle()
  })

  it('explains its review, its gate, its run and its attempt', async () => {
    const review = await ocJson('explain', 'review-1-1', ...state)
    expect(review).toMatchObject({
      kind: 'review',
      state: 'awaitingGate',
      action: 'oc-supervise gate show gate-1-1-1',
    })
    expect(guardsOf(review.led, true)).toContain('personMustApprove')
    const gate = await ocJson('explain', 'gate-1-1-1', ...state)
    expect(gate).toMatchObject({ kind: 'gate', state: 'undecided.open', next: { what: 'timer expiry' } })
    expect(gate.because[0]).toContain('merge: manual')
    const run = await ocJson('explain', 'run-1', ...state)
    expect(run).toMatchObject({ id: 'run-1', kind: 'run', state: 'inReview' })
    expect(run.because.join()).toContain('att-1-1 succeeded')
    const attempt = await ocJson('explain', 'att-1-1', ...state)
    expect(attempt).toMatchObject({
      kind: 'attempt',
      state: 'succeeded',
      action: 'oc-supervise runs show run-1',
    })
  })

  it.each([
    ['task-x', /no task "task-x"; `oc-supervise task list`/],
    ['run-x', /no run "run-x"; `oc-supervise runs list`/],
    ['gate-x', /no gate "gate-x"; `oc-supervise gate list`/],
    ['review-x', /no review "review-x"/],
    ['att-1-2', /no attempt "att-1-2"/],
    ['task-1\n', /is no id, no child and no class/],
    ['validation-failure', /did you mean validation_failure\?/],
    ['../../etc', /is no id/],
    ['', /is no id/],
  ])('does not know %j', async (subject, reason) => {
    const ran = await oc('explain', subject, ...state)
    expect(ran.stderr).toMatch(reason)
    expect(ran.code).toBe(2)
  })

  it('does not know a megabyte, and says so shortly', async () => {
    const ran = await oc('explain', 'x'.repeat(1 << 20), ...state)
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('is no id') })
    expect(ran.stderr.length).toBeLessThan(1_000)
  })
})

describe('explain of a class', () => {
  it.each(FAILURE_CLASSES)('%s has a page with what to do, without any system', async (id) => {
    const page = await ocJson('explain', id, '--state-dir', join(makeTempDir(), 'none'))
    expect(page).toMatchObject({ id, kind: 'class' })
    expect(page.means.length).toBeGreaterThan(20)
    expect(page.remedy.length).toBeGreaterThan(20)
    expect(page.action).toContain('TASK')
  })
})
