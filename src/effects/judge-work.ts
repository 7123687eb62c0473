import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { judgeWork } from '../policy/judge-work.ts'
import { neverHappened } from './never-happened.ts'
import type { PolicyPort } from './policy-port.ts'

/** The policy's word on what was really changed. */
export const judgeWorkEffect = (ports: PolicyPort & { readonly judgeWork: typeof judgeWork }) =>
  defineEffect({
    name: 'judgeWork',
    ...EFFECT_IO.judgeWork,
    reconcile: neverHappened,
    perform: async (_context, { proposal, measurement }) =>
      ports.judgeWork(proposal, measurement, { repo: ports.repo(proposal.repo), policy: ports.policy }),
  })
