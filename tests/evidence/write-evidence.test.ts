import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GateDecision, GateOpening } from '../../src/contracts/gate.ts'
import type { StartDecision } from '../../src/evidence/attempt-evidence.ts'
import { verifyEvidence } from '../../src/evidence/verify-evidence.ts'
import { writeEvidence } from '../../src/evidence/write-evidence.ts'
import { sha256 } from '../../src/platform/sha256.ts'
import {
  type EvidencePlace,
  evidencePlace,
  inputOf,
  RECORDED_AT_MS,
  refusedInput,
  SECRET,
} from './support/sample.ts'

let place: EvidencePlace
beforeEach(() => {
  place = evidencePlace()
})
afterEach(() => place.remove())

const write = (input = inputOf(), overrides = {}) =>
  writeEvidence(place.runsDir, place.evidenceOf(input, overrides), place.signer)

const json = (...path: string[]) => JSON.parse(readFileSync(join(place.runsDir, ...path), 'utf8'))

/** Every file below the runs folder with its bytes. */
const snapshot = () =>
  Object.fromEntries(
    readdirSync(place.runsDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(place.runsDir.length + 1), readFileSync(path, 'latin1')]),
  )

const ATTEMPT_FILES = [
  'agent_command.json',
  'agent_events.ndjson',
  'agent_stderr.txt',
  'attestation.json',
  'checks.json',
  'decision.json',
  'diff.patch',
  'diff_stat.txt',
  'execution_record.json',
  'execution_request.json',
  'execution_trace.json',
  'index.json',
  'policy.json',
  'proposal.json',
  'result.json',
]
const RUN_FILES = ['attestation.json', 'result_summary.md', 'run_metadata.json', 'summary.json']

describe('an attempt that ran', () => {
  test('leaves every file, and the run its own', async () => {
    const { dir, attestationHash } = await write()
    expect(dir).toBe(join(place.runsDir, 'run-1', 'att-1'))
    expect(readdirSync(dir).sort()).toEqual(ATTEMPT_FILES)
    expect(readdirSync(join(place.runsDir, 'run-1')).sort()).toEqual(['att-1', ...RUN_FILES])
    expect(attestationHash).toBe(sha256(readFileSync(join(dir, 'attestation.json'))))
    expect(readdirSync(place.runsDir)).toEqual(['run-1'])
  })

  test('is whole by its own attestations', async () => {
    const { dir } = await write()
    expect(verifyEvidence(dir, place.signer.publicKey).problems).toEqual([])
    const run = verifyEvidence(join(place.runsDir, 'run-1'), place.signer.publicKey)
    expect(run).toMatchObject({ ok: true, problems: [], attempts: [{ predicate: { attempt: 'att-1' } }] })
  })

  test('attests who, where, how contained, and where the journal stood', async () => {
    const { dir } = await write()
    const { statement } = verifyEvidence(dir, place.signer.publicKey)
    expect(statement?.predicate).toMatchObject({
      run: 'run-1',
      attempt: 'att-1',
      agent: { key: 'claude' },
      containment: { level: 'namespace', sandbox: 'off' },
      gateTrust: 'same-user',
      journal: { stream: 'task-1', seq: 7 },
      anchor: '1'.repeat(64),
      versions: { 'oc-supervise': '0.1.0' },
      result: { status: 'succeeded', success: true, failureClass: null },
    })
    expect(statement?.subject.map(({ name }) => name)).toEqual(
      ATTEMPT_FILES.filter((name) => name !== 'attestation.json'),
    )
  })

  test('is readable by its owner only', async () => {
    const { dir } = await write()
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
  })

  test('keeps no secret in any file, names of variables only, and says where it redacted', async () => {
    await write()
    for (const [path, text] of Object.entries(snapshot())) expect(text, path).not.toContain(SECRET)
    expect(json('run-1', 'att-1', 'agent_command.json')).toMatchObject({
      argv: ['claude', '--token', '[redacted]'],
      environment: ['ANTHROPIC_API_KEY', 'PATH'],
    })
    const noted = json('run-1', 'att-1', 'index.json').files.filter(
      (row: { note: string | null }) => row.note,
    )
    expect(noted.map((row: { file: string }) => row.file)).toEqual([
      'proposal.json',
      'execution_request.json',
      'agent_command.json',
      'agent_events.ndjson',
    ])
  })
})

describe('an attempt whose start a person decided', () => {
  const decisionBy = (decision: 'approved' | 'rejected', signature: string | null): StartDecision => ({
    opening: GateOpening.parse({
      gateId: 'gate-1-start-1',
      openNonce: 'n'.repeat(32),
      subject: { kind: 'start', repo: 'api', taskId: 'task-1', proposalHash: 'c'.repeat(64) },
      reasons: ['the risk is high'],
      operators: [],
      signing: 'optional',
      replyTo: { actor: 'task-1', queue: 'goal' },
      openedAtMs: RECORDED_AT_MS - 80_000,
      expiresAfterMs: 86_400_000,
    }),
    decision: GateDecision.parse({
      statement: {
        gate: 'gate-1-start-1',
        openNonce: 'n'.repeat(32),
        subjectKind: 'start',
        subjectHash: 'd'.repeat(64),
        decision,
        by: 'ada',
        noteHash: 'e'.repeat(64),
        evidenceHashes: [],
        issuedAt: '2030-01-01T11:59:00.000Z',
        expiresAt: '2030-01-02T11:59:00.000Z',
      },
      note: `go on, ${SECRET}`,
      signature,
    }),
    signed: signature !== null,
    decidedAtMs: RECORDED_AT_MS - 70_000,
  })
  const started = (statement: string) =>
    JSON.parse(Buffer.from(JSON.parse(statement).payload, 'base64').toString()).predicate.start

  test.each([
    ['signed', 'approved', 'an armoured signature', inputOf],
    ['unsigned', 'approved', null, inputOf],
    ['signed', 'rejected', 'an armoured signature', refusedInput],
  ] as const)('has the %s decision, %s, attested as such', async (how, said, signature, input) => {
    const startDecision = decisionBy(said, signature)
    const { dir } = await write(input({ startGate: 'gate-1-start-1' }), { startDecision })
    expect(json('run-1', 'att-1', 'start_gate.json')).toMatchObject({
      gate: 'gate-1-start-1',
      reasons: ['the risk is high'],
      decidedAt: '2030-01-01T11:58:50.000Z',
      signed: how === 'signed',
      decision: { ...startDecision.decision, note: 'go on, [redacted]' },
    })
    expect(started(readFileSync(join(dir, 'attestation.json'), 'utf8'))).toEqual({
      gate: 'gate-1-start-1',
      decision: said,
      by: 'ada',
      signed: how === 'signed',
    })
    writeFileSync(join(dir, 'start_gate.json'), '{}')
    const { problems } = verifyEvidence(join(place.runsDir, 'run-1'), place.signer.publicKey)
    expect(problems.map(({ message }) => message).join()).toContain('start_gate.json')
  })
})

describe('an attempt that was refused', () => {
  test('keeps proposal, decision, policy, result and attestation; the index says why the rest is missing', async () => {
    const { dir } = await write(refusedInput())
    const kept = [
      'attestation.json',
      'decision.json',
      'index.json',
      'policy.json',
      'proposal.json',
      'result.json',
    ]
    expect(readdirSync(dir).sort()).toEqual(kept)
    const { files } = json('run-1', 'att-1', 'index.json')
    const missing = files.filter((row: { present: boolean }) => !row.present)
    expect(missing).toHaveLength(ATTEMPT_FILES.length + 1 - kept.length)
    for (const { file, reason } of missing)
      expect(reason).toMatch(
        file === 'start_gate.json'
          ? /nobody was asked/
          : /refused before anything ran \(scope_policy: secrets/,
      )
    expect(json('run-1', 'summary.json')).toMatchObject({
      status: 'refused',
      headline: expect.stringMatching(/^REFUSED/),
    })
    expect(verifyEvidence(join(place.runsDir, 'run-1'), place.signer.publicKey).ok).toBe(true)
  })
})

test('the same facts give the same bytes, in another place and when repeated', async () => {
  await write()
  const first = snapshot()
  await write()
  expect(snapshot()).toEqual(first)
  rmSync(place.runsDir, { recursive: true })
  await write()
  expect(snapshot()).toEqual(first)
})

test('a repeat keeps the evidence even where the journal has moved on and the streams have grown', async () => {
  const { dir, attestationHash } = await write()
  const journal = { head: null, anchorHash: '2'.repeat(64) }
  const again = await write(inputOf(), { journal, versions: { 'oc-supervise': '0.2.0' } })
  expect(again).toEqual({ dir, attestationHash })
  expect(verifyEvidence(join(place.runsDir, 'run-1'), place.signer.publicKey).ok).toBe(true)
})

describe('evidence is never overwritten', () => {
  test('not by other facts under the same attempt', async () => {
    await write()
    const before = snapshot()
    await expect(write(inputOf({ attempt: 2 }))).rejects.toThrow(
      /made from other facts.*move the folder away/,
    )
    expect(snapshot()).toEqual(before)
  })

  test('not where it was altered: the file is named', async () => {
    const { dir } = await write()
    writeFileSync(join(dir, 'checks.json'), '{}')
    await expect(write()).rejects.toThrow(/not intact \(checks.json was altered\)/)
  })
})

test('what a crash left half-written is replaced', async () => {
  const temp = join(place.runsDir, '.writing-att-1')
  mkdirSync(temp, { recursive: true })
  writeFileSync(join(temp, 'stray.json'), '{}')
  const { dir } = await write()
  expect(readdirSync(dir).sort()).toEqual(ATTEMPT_FILES)
})

test("a crash before the run's own files is healed by repeating", async () => {
  await write()
  const whole = snapshot()
  for (const file of RUN_FILES) rmSync(join(place.runsDir, 'run-1', file))
  await write()
  expect(snapshot()).toEqual(whole)
})

test('a run tells all its attempts; the interrupted one costs but does not count', async () => {
  const containment = { level: 'swept', sandbox: 'bubblewrap' }
  const outcome = {
    ...inputOf().outcome,
    ...{ ending: 'interrupted', exitCode: null, signal: 'SIGKILL', containment },
  }
  await write(
    inputOf({ attemptId: 'att-9', outcome, measurement: null, checks: null, nowMs: RECORDED_AT_MS - 1 }),
  )
  await write(inputOf({ attemptId: 'att-2' }))
  expect(json('run-1', 'summary.json')).toMatchObject({
    status: 'succeeded',
    attempts: [
      { attemptId: 'att-9', status: 'interrupted' },
      { attemptId: 'att-2', status: 'succeeded' },
    ],
    totals: { attempts: 1, interrupted: 1, usd: 0.5 },
  })
  expect(json('run-1', 'run_metadata.json')).toMatchObject({ latestAttempt: 'att-2', success: true })
  const { payload } = json('run-1', 'attestation.json')
  expect(JSON.parse(Buffer.from(payload, 'base64').toString()).predicate).toMatchObject({
    attempts: ['att-9', 'att-2'],
    containment: { level: 'swept', sandbox: 'off' },
  })
  expect(verifyEvidence(join(place.runsDir, 'run-1'), place.signer.publicKey)).toMatchObject({ ok: true })
})

test('an attempt whose keeper left nothing says so instead of inventing it', async () => {
  const keeper = {
    specFile: '/nonexistent/spec',
    stdoutFile: '/nonexistent/out',
    stderrFile: '/nonexistent/err',
  }
  await write(inputOf(), { keeper })
  const rows = json('run-1', 'att-1', 'index.json').files.filter((row: { present: boolean }) => !row.present)
  expect(rows).toEqual([
    { file: 'start_gate.json', present: false, reason: 'nobody was asked whether it may start' },
    {
      file: 'agent_command.json',
      present: false,
      reason: "the keeper's own record of the command is missing",
    },
    { file: 'agent_events.ndjson', present: false, reason: 'the file it is copied from was not there' },
    { file: 'agent_stderr.txt', present: false, reason: 'the file it is copied from was not there' },
  ])
})

/** A process of its own that writes the sample's evidence, so that it can be killed in the middle. */
const writeInProcess = (failPoint: string) => {
  const order = {
    runsDir: place.runsDir,
    evidence: place.evidenceOf(inputOf()),
    privateKey: place.privateKeyPem,
  }
  return spawnSync(process.execPath, [join(import.meta.dirname, 'support/write-once.ts')], {
    input: JSON.stringify(order),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, OC_SUPERVISE_FAILPOINT: failPoint },
  })
}

describe('killed anywhere and repeated, the evidence is the same as if nothing had happened', () => {
  test.each([
    'evidence.folder_written',
    'evidence.folder_renamed',
    'evidence.file_written#1',
    'evidence.file_written#2',
    'evidence.file_written#3',
    'evidence.file_written#4',
  ])('at %s', async (point) => {
    await write()
    const undisturbed = snapshot()
    rmSync(place.runsDir, { recursive: true })
    expect(writeInProcess(`${point}=kill`).signal).toBe('SIGKILL')
    expect(snapshot()).not.toEqual(undisturbed)
    expect(writeInProcess('').status).toBe(0)
    expect(snapshot()).toEqual(undisturbed)
    expect(verifyEvidence(join(place.runsDir, 'run-1'), place.signer.publicKey).problems).toEqual([])
  })
})
