import { writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/contracts/canonical-json.ts'
import type { JsonValue } from '../../src/contracts/json.ts'
import { isUp, untilStatus } from './support/live-status.ts'
import { makeKey, makeSystem, type System } from './support/system.ts'
import { plant, sign } from './support/tampering.ts'

const MANIFEST = `version: 1
name: tamper
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: ["true"], merge: manual}
agents:
  writer: {type: command, command: [sh, -c, 'echo $OC_SUPERVISE_TASK > $OC_SUPERVISE_TASK.txt']}
lanes:
  goal: {agent: writer, concurrency: 2, max_attempts: 1}
  review: {}
gates:
  operators:
    ada: {ssh_key_file: ada.pub}
`

interface Gate {
  readonly id: string
  readonly refused: number
  readonly refusals: readonly { readonly reason: string }[]
}

let system: System
let keys: Record<'ada' | 'eve', string>
let gates: readonly string[]

/** The task whose pull request a gate is about. */
const taskOf = async (gate: string): Promise<string> => {
  const { tasks } = await system.json<{ tasks: { id: string }[] }>(['task', 'list'])
  const shown = await system.oc(['gate', 'show', gate])
  return tasks.find(({ id }) => shown.stdout.includes(id))?.id ?? ''
}

const openGates = async (): Promise<readonly Gate[]> =>
  (await system.json<{ gates: readonly Gate[] }>(['gate', 'list'])).gates

beforeAll(async () => {
  system = makeSystem(MANIFEST)
  keys = { ada: makeKey(system.dir, 'ada').key, eve: makeKey(system.dir, 'eve').key }
  await system.addTask('Write the first file')
  await system.addTask('Write the second file')
  expect((await system.run()).code).toBe(10)
  gates = (await openGates()).map(({ id }) => id)
  expect(gates).toHaveLength(2)
}, 60_000)

describe('a gate decision that is not an operator’s', () => {
  test('wrong key, edited statement, replayed on another gate: refused by the command and by the gate itself', async () => {
    const [gate = '', other = ''] = gates
    const wrongKey = await sign(system, gate, 'approve', keys.eve)
    const rejected = await sign(system, gate, 'reject', keys.ada)
    const edited = {
      ...rejected,
      decision: {
        ...rejected.decision,
        statement: { ...rejected.decision.statement, decision: 'approved' as const },
      },
    }
    writeFileSync(edited.statement, canonicalJson(edited.decision.statement as unknown as JsonValue))
    const replayed = await sign(system, other, 'approve', keys.ada)

    for (const { statement, signature, decision } of [wrongKey, edited, replayed]) {
      const flags = ['--note', 'read it', '--statement', statement, '--signature', signature]
      const answer = await system.oc(['gate', 'approve', gate, ...flags])
      expect(answer, answer.stderr).toMatchObject({ code: 1, stdout: '' })
      plant(system, gate, decision)
    }
    expect((await system.run()).code).toBe(10)
    const shown = await system.json<Gate>(['gate', 'show', gate])
    expect(shown.refused).toBe(3)
    const reasons = shown.refusals.map(({ reason }) => reason)
    expect(reasons[0]).toContain('is not the key of "ada"')
    expect(reasons[1]).toMatch(/signature/)
    expect(reasons[2]).toContain(`the decision is for ${other}, not for ${gate}`)
    expect(system.log()).toEqual(['first'])
    expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
  }, 60_000)

  test('a key added to gates.operators while running does not decide, nor after a restart on a gate that was open', async () => {
    const [gate = '', other = ''] = gates
    const run = system.start(['run'])
    await untilStatus(system, isUp, 'up')
    system.write(
      'oc-supervise.yaml',
      MANIFEST.replace('    ada:', '    eve: {ssh_key_file: eve.pub}\n    ada:'),
    )
    const { attention } = await untilStatus(
      system,
      (status) => status.attention.some(({ kind }) => kind === 'reload_refused'),
      'the edit is noticed',
    )
    const waiting = attention.find(({ kind }) => kind === 'reload_refused')
    expect(waiting).toMatchObject({ subject: expect.stringContaining('gates.operators') })
    expect(waiting?.action).toContain('run again')

    const decide = (id: string, by: 'ada' | 'eve') =>
      system.oc(['gate', 'approve', id, '--by', by, '--note', 'read it', '--key', keys[by]])
    expect(await decide(gate, 'eve')).toMatchObject({ code: 1, stdout: '' })
    expect(await decide(other, 'ada')).toMatchObject({ code: 0 })
    const merged = await taskOf(other)
    await system.untilState(merged, 'Done')
    expect((await system.oc(['stop'])).code).toBe(0)
    await run.ended

    // The manifest now names eve; this gate opened before.
    expect((await system.run()).code).toBe(10)
    const refused = await decide(gate, 'eve')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('was not an operator when')
    expect(system.log()).toHaveLength(2)
  }, 60_000)

  test('approved, then one more commit on the branch: not merged, Blocked, and it says so', async () => {
    const [gate = ''] = gates
    const task = await taskOf(gate)
    const approve = ['gate', 'approve', gate, '--by', 'ada', '--note', 'read it', '--key', keys.ada]
    expect(await system.oc(approve)).toMatchObject({ code: 0 })
    const { repo } = system
    const { subject } = await system.json<{ subject: { headSha: string } }>(['gate', 'show', gate])
    const branch = repo.gitBare(
      'for-each-ref',
      `--points-at=${subject.headSha}`,
      '--format=%(refname:lstrip=2)',
    )
    repo.git('fetch', '--quiet', 'origin')
    repo.git('checkout', '--quiet', '-b', 'late', `origin/${branch}`)
    repo.commit('one more', { 'late.txt': 'not what was approved\n' })
    repo.git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`)

    expect((await system.run()).code).toBe(3)
    expect(await system.task(task)).toMatchObject({ state: 'Blocked' })
    const explained = await system.oc(['explain', task])
    expect(explained.stdout).toContain('somebody else pushed')
    expect(system.show('late.txt')).toBeNull()
    expect(system.show(`${task}.txt`)).toBeNull()
  }, 60_000)
})
