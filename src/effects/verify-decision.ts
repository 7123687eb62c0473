import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { verifyDecision } from '../gates/verify-decision.ts'
import { neverHappened } from './never-happened.ts'

/** Verifies a decision against its gate as it was opened, at the moment it is used. */
export const verifyDecisionEffect = (ports: { readonly verifyDecision: typeof verifyDecision }) =>
  defineEffect({
    name: 'verifyDecision',
    ...EFFECT_IO.verifyDecision,
    reconcile: neverHappened,
    perform: async (_context, { opening, decision, nowMs }) => ports.verifyDecision(opening, decision, nowMs),
  })
