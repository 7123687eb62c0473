import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GateDecision, GateOpening } from '../../src/contracts/gate.ts'
import { verifyDecision } from '../../src/gates/verify-decision.ts'
import { makeKey, makeSystem, type System } from './support/system.ts'

const manifest = (gates: string): string => `version: 1
name: start
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: ["true"], merge: auto}
agents:
  writer: {type: command, command: [sh, -c, 'echo new > new.txt']}
lanes:
  goal: {agent: writer, max_attempts: 1}
  review: {}
policy: {require_approval: {task_types: [feature]}}
gates: ${gates}
`

const addFeature = (system: System): Promise<string> => {
  system.write('task.md', '## Goal\nWrite new.txt\n## Execution\nrepo: app\ntype: feature\n')
  return system
    .json<{ id: string }>(['task', 'add', '--file', join(system.dir, 'task.md')])
    .then(({ id }) => id)
}

/** Until a person is asked; then the gate. */
const untilAsked = async (system: System): Promise<string> => {
  expect((await system.run()).code).toBe(10)
  const { gates } = await system.json<{ gates: { id: string }[] }>(['gate', 'list'])
  expect(gates).toHaveLength(1)
  return gates[0]?.id ?? ''
}

/** The evidence of the only attempt: its start gate, and what its attestation says of it. */
const evidenceOf = async (system: System) => {
  const { runs } = await system.json<{ runs: { id: string }[] }>(['runs', 'list'])
  const dir = join(system.layout.runs, runs[0]?.id ?? '')
  const read = (...path: string[]) => JSON.parse(readFileSync(join(dir, ...path), 'utf8'))
  const attempt = read('run_metadata.json').latestAttempt
  const { payload } = read(attempt, 'attestation.json')
  const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString())
  return { gate: read(attempt, 'start_gate.json'), start: predicate.start, status: predicate.result.status }
}

test('the signed decision that let a task start is in the evidence of its attempt and verifies again', async () => {
  const system = makeSystem(manifest('{operators: {ada: {ssh_key_file: ada.pub}}}'))
  const { key } = makeKey(system.dir, 'ada')
  const id = await addFeature(system)
  const gate = await untilAsked(system)
  const note = 'the plan is good'
  expect(
    await system.oc(['gate', 'approve', gate, '--by', 'ada', '--note', note, '--key', key]),
  ).toMatchObject({ code: 0 })
  expect((await system.run()).code).toBe(0)
  expect((await system.task(id)).state).toBe('Done')

  const told = await evidenceOf(system)
  expect(told.start).toEqual({ gate, decision: 'approved', by: 'ada', signed: true })
  const opening = openingOf(told.gate)
  const decision = GateDecision.parse(told.gate.decision)
  const atMs = Date.parse(told.gate.decidedAt)
  expect(verifyDecision(opening, decision, atMs)).toEqual({ valid: true, signed: true })
  expect(verifyDecision(opening, { ...decision, note: 'no' }, atMs).valid).toBe(false)
  expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
}, 60_000)

test('an unsigned decision is attested as unsigned; a rejection stands in the evidence of what never ran', async () => {
  const system = makeSystem(manifest('{signing: optional}'))
  const id = await addFeature(system)
  const gate = await untilAsked(system)
  expect(await system.oc(['gate', 'reject', gate, '--by', 'ada', '--note', 'not this way'])).toMatchObject({
    code: 0,
  })
  expect((await system.run()).code).toBe(3)
  expect((await system.task(id)).state).toBe('Blocked')
  const told = await evidenceOf(system)
  expect(told).toMatchObject({
    start: { gate, decision: 'rejected', by: 'ada', signed: false },
    status: 'refused',
    gate: { signed: false, decision: { note: 'not this way', signature: null } },
  })
  expect(await system.oc(['verify'])).toMatchObject({ code: 0 })
}, 60_000)

/** The opening as the evidence tells it, with what a judgement does not depend on filled in. */
const openingOf = (gate: Record<string, unknown>): GateOpening =>
  GateOpening.parse({
    gateId: gate.gate,
    openNonce: gate.openNonce,
    subject: gate.subject,
    reasons: gate.reasons,
    operators: gate.operators,
    signing: gate.signing,
    replyTo: { actor: 'task', queue: 'goal' },
    openedAtMs: Date.parse(String(gate.openedAt)),
    expiresAfterMs: 7 * 86_400_000,
  })
