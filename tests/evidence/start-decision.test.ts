import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GateDecision, GateOpening } from '../../src/contracts/gate.ts'
import type { StartDecision } from '../../src/evidence/attempt-evidence.ts'
import { verifyEvidence } from '../../src/evidence/verify-evidence.ts'
import { inputOf, RECORDED_AT_MS, refusedInput, SECRET } from './support/sample.ts'
import { evidenceGiven } from './support/written.ts'

const given = evidenceGiven()
const { write, json } = given

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
    const { problems } = verifyEvidence(join(given.place.runsDir, 'run-1'), given.place.signer.publicKey)
    expect(problems.map(({ message }) => message).join()).toContain('start_gate.json')
  })
})
