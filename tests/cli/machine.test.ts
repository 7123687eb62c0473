import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { describeMachine } from '../../src/cli/docs/describe-machine.ts'
import { drawMachine } from '../../src/cli/machine/draw-machine.ts'
import { statePaths } from '../../src/cli/machine/trace-actor.ts'
import * as sample from '../machines/durable/support/samples.ts'
import { oc, ocJson } from './support/run-cli.ts'
import { type TestSystem, testSystem } from './support/test-system.ts'

describe('machine list', () => {
  it('names every machine, durable ones with their version', async () => {
    const { machines } = await ocJson('machine', 'list')
    expect(machines.map(({ name, kind }: { name: string; kind: string }) => `${kind} ${name}`)).toEqual([
      'durable task',
      'durable review',
      'durable gate',
      'live supervisor',
      'live child',
      'live lane-watcher',
      'live recovery',
    ])
    expect(machines[0]).toMatchObject({
      version: expect.any(Number),
      states: expect.arrayContaining(['working']),
    })
    expect(machines[3].version).toBeNull()
    expect((await oc('machine', 'list')).stdout).toMatch(/^gate +durable +\d+ +\d+ +undecided/m)
  })
})

describe('machine show', () => {
  it('indents inner states and tells event, guard and target', async () => {
    const { stdout } = await oc('machine', 'show', 'gate')
    expect(stdout).toContain('  undecided (first)\n')
    expect(stdout).toContain('      verifying\n')
    expect(stdout).toContain('          verifyDecision done [isApproval] → approved\n')
    expect(stdout).toMatch(/^ {2}expired \(final\)$/m)
    expect(stdout).not.toContain('▶')
  })

  it('tells what holds in every state, and what only acts', () => {
    const lamp = createMachine({
      id: 'lamp',
      initial: 'off',
      on: { CUT: '.off' },
      states: { off: { on: { LOOK: { actions: 'look' } } } },
    })
    expect(drawMachine(describeMachine(lamp), null)).toBe(
      '  in every state\n      CUT → off\n  off (first)\n      LOOK → (stays)',
    )
  })

  it('refuses a name nobody has, and names the nearest', async () => {
    expect(await oc('machine', 'show', 'taks')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean task?'),
    })
  })
})

describe('machine show of an actor', () => {
  let system: TestSystem
  let state: string[]
  beforeAll(async () => {
    system = await testSystem({ answers: { runAgent: () => sample.ended('failed', sample.failed('oom')) } })
    state = ['--state-dir', system.dir]
    await system.claim()
    await system.reach('task-1', 'retryWait')
  })
  afterAll(() => system.close())

  it('marks where it is, counts where it was, and tells its timers', async () => {
    const shown = await ocJson('machine', 'show', 'task-1', ...state)
    expect(shown).toMatchObject({
      machine: 'task',
      state: 'retryWait',
      status: 'active',
      entered: { planning: 1, working: 1, retryWait: 1 },
      timers: [{ name: 'retryDelay', due: expect.stringMatching(/^\d{4}-.*Z$/) }],
      effects: [],
    })
    const { stdout } = await oc('machine', 'show', 'task-1', ...state)
    expect(stdout).toMatch(/^▶ retryWait \(entered once\) {2}← here$/m)
    expect(stdout.match(/▶/g)).toHaveLength(1)
    expect(stdout).toMatch(/timers +retryDelay due .*\(in /)
  })

  it('says of a task that nobody has claimed that it is no actor', async () => {
    expect(await oc('machine', 'show', 'task-none', ...state)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('when it is claimed'),
    })
  })

  it('knows all states an actor is in, in parallel ones too', () => {
    expect([...statePaths({ a: { b: 'c' }, d: 'e' })]).toEqual(['a', 'a.b', 'a.b.c', 'd', 'd.e'])
  })
})

describe('machine export', () => {
  it('writes Mermaid and the configuration as JSON', async () => {
    const mermaid = (await oc('machine', 'export', 'gate')).stdout
    expect(mermaid).toMatch(/^stateDiagram-v2\n/)
    expect(mermaid).toContain('undecided_verifying --> approved : verifyDecision done')
    const config = JSON.parse((await oc('machine', 'export', 'task', '--format', 'json')).stdout)
    expect(config).toMatchObject({ id: 'task', states: { planning: { invoke: { src: 'plan' } } } })
    expect(createMachine(config).id).toBe('task')
  })

  it('refuses another format', async () => {
    expect(await oc('machine', 'export', 'gate', '--format', 'toString')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('mermaid, json'),
    })
  })
})
