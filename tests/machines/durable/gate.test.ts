import { describe, expect, it } from 'vitest'
import { DurableRun } from './support/durable-run.ts'
import * as sample from './support/samples.ts'

const open = () => new DurableRun('gate', sample.gateInput())
const VALID = { valid: true, signed: true } as const
const INVALID = { valid: false, reason: 'bad signature' } as const

describe('a gate', () => {
  it('opens with the nonce it was given', () => {
    expect(open().context.opening).toMatchObject({ openNonce: sample.stamp.nonce })
  })

  it.each(['approved', 'rejected'] as const)(
    'ends %s by a verified decision, and tells the opener what it binds',
    (verdict) => {
      const run = open().send({ type: 'DECISION', decision: sample.decision(verdict) })
      expect(run.lastParams('verifyDecision').decision.statement.decision).toBe(verdict)
      run.done('verifyDecision', VALID)
      expect(run.state).toBe(verdict)
      expect(run.lastParams('GATE_DECIDED')).toEqual({
        to: 'review-1-1',
        queue: 'review',
        event: {
          type: 'GATE_DECIDED',
          gateId: 'gate-1-1-1',
          decision: verdict,
          by: 'ada',
          note: 'looks right',
          signed: true,
          headSha: sample.HEAD,
          patchId: 'patch-of-b',
        },
      })
    },
  )

  it('stays open after an invalid decision and remembers why it was refused', () => {
    const run = open().send({ type: 'DECISION', decision: sample.decision() }).done('verifyDecision', INVALID)
    expect(run.state).toBe('undecided.open')
    expect(run.context).toMatchObject({ refused: 1, refusals: [{ by: 'ada', reason: 'bad signature' }] })
  })

  it('counts every refusal and remembers the last ten', () => {
    const run = open()
    for (let times = 0; times < 12; times += 1)
      run.send({ type: 'DECISION', decision: sample.decision() }).done('verifyDecision', INVALID)
    expect(run.context.refused).toBe(12)
    expect(run.context.refusals).toHaveLength(10)
  })

  it('loses no decision that arrives while another is verified', () => {
    const run = open()
      .send({ type: 'DECISION', decision: sample.decision('rejected') })
      .send({ type: 'DECISION', decision: sample.decision('approved') })
      .done('verifyDecision', INVALID)
    expect(run.effect).toBe('verifyDecision')
    expect(run.done('verifyDecision', VALID).state).toBe('approved')
  })

  it('keeps only so many in line', () => {
    const run = open()
    for (let times = 0; times < 22; times += 1) run.send({ type: 'DECISION', decision: sample.decision() })
    expect(run.context).toMatchObject({ refused: 2, waiting: { length: 20 } })
  })

  it('tries a broken verification again, then refuses the decision and says why', () => {
    const run = open().send({ type: 'DECISION', decision: sample.decision() })
    for (let tries = 0; tries < 3; tries += 1)
      run.fail('verifyDecision', sample.failed('infra_tooling', 'no ssh-keygen')).after('verifyAgain')
    run.fail('verifyDecision', sample.failed('infra_tooling', 'no ssh-keygen'))
    expect(run.state).toBe('undecided.open')
    expect(run.context.refusals[0].reason).toBe('could not be verified: no ssh-keygen')
  })

  it('expires and tells the opener; refused decisions do not lengthen its life', () => {
    const run = open().send({ type: 'DECISION', decision: sample.decision() })
    run.done('verifyDecision', INVALID)
    expect(run.timers).toEqual(['xstate.after.expiry.gate.undecided'])
    run.after('expiry')
    expect(run.state).toBe('expired')
    expect(run.lastParams('GATE_EXPIRED').event.gateId).toBe('gate-1-1-1')
  })

  it('can be withdrawn by its opener', () => {
    expect(open().send({ type: 'WITHDRAW' }).state).toBe('withdrawn')
  })
})
