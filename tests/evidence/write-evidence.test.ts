import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyEvidence } from '../../src/evidence/verify-evidence.ts'
import { sha256 } from '../../src/platform/sha256.ts'
import { inputOf, RECORDED_AT_MS, refusedInput, SECRET } from './support/sample.ts'
import { ATTEMPT_FILES, evidenceGiven, RUN_FILES } from './support/written.ts'

const given = evidenceGiven()
const { write, json, snapshot } = given

describe('an attempt that ran', () => {
  test('leaves every file, and the run its own', async () => {
    const { dir, attestationHash } = await write()
    expect(dir).toBe(join(given.place.runsDir, 'run-1', 'att-1'))
    expect(readdirSync(dir).sort()).toEqual(ATTEMPT_FILES)
    expect(readdirSync(join(given.place.runsDir, 'run-1')).sort()).toEqual(['att-1', ...RUN_FILES])
    expect(attestationHash).toBe(sha256(readFileSync(join(dir, 'attestation.json'))))
    expect(readdirSync(given.place.runsDir)).toEqual(['run-1'])
  })

  test('is whole by its own attestations', async () => {
    const { dir } = await write()
    expect(verifyEvidence(dir, given.place.signer.publicKey).problems).toEqual([])
    const run = verifyEvidence(join(given.place.runsDir, 'run-1'), given.place.signer.publicKey)
    expect(run).toMatchObject({ ok: true, problems: [], attempts: [{ predicate: { attempt: 'att-1' } }] })
  })

  test('attests who, where, how contained, and where the journal stood', async () => {
    const { dir } = await write()
    const { statement } = verifyEvidence(dir, given.place.signer.publicKey)
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
    expect(verifyEvidence(join(given.place.runsDir, 'run-1'), given.place.signer.publicKey).ok).toBe(true)
  })
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
  expect(verifyEvidence(join(given.place.runsDir, 'run-1'), given.place.signer.publicKey)).toMatchObject({
    ok: true,
  })
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
