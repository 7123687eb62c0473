import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { judgePlan } from '../policy/judge-plan.ts'
import { neverHappened } from './never-happened.ts'
import type { PolicyPort } from './policy-port.ts'

/** The policy's word on what is about to be done. */
export const judgePlanEffect = (ports: PolicyPort & { readonly judgePlan: typeof judgePlan }) =>
  defineEffect({
    name: 'judgePlan',
    ...EFFECT_IO.judgePlan,
    reconcile: neverHappened,
    perform: async (_context, { proposal, decision }) =>
      ports.judgePlan(proposal, decision, {
        repo: ports.repo(proposal.repo),
        policy: ports.policy,
        trust: proposal.trust,
      }),
  })
