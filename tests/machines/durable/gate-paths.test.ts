import { expect, it } from 'vitest'
import type { GateContext } from '../../../machines/durable/gate-context.ts'
import { deadEnds, explore, unreached } from './support/explore.ts'
import * as sample from './support/samples.ts'

it('a gate ends approved or rejected only by a verified decision, and nothing moves it afterwards', () => {
  const walk = explore('gate', sample.gateInput(), {
    outputs: () => [
      { valid: true, signed: true },
      { valid: false, reason: 'bad signature' },
    ],
    failures: [sample.failed('infra_tooling')],
    outside: () => [
      { type: 'DECISION', decision: sample.decision('approved') },
      { type: 'DECISION', decision: sample.decision('rejected') },
      { type: 'WITHDRAW' },
    ],
    project: ((context: GateContext) => [
      context.waiting.slice(0, 3).map((one) => one.statement.decision),
      context.tries,
      context.refusals.length > 0,
      context.decided?.decision.statement.decision,
    ]) as never,
    ghost: {
      start: { verified: null as string | null, waiting: [] as string[] },
      project: ({ verified }) => verified,
      next: (before, event, asked, after) => {
        const valid =
          event.type === 'xstate.done.actor.verifyDecision' && (event.output as { valid: boolean }).valid
        const verified = valid ? (before.waiting[0] ?? null) : null
        const verify = asked.find((one) => one.name === 'verifyDecision')
        const waiting = verify ? [verify.params.decision.statement.decision as string] : before.waiting
        for (const end of ['approved', 'rejected'])
          if (after.value === end && before.verified !== end && verified !== end)
            throw new Error(`it is ${end} without a verified decision`)
        return { verified: after.status === 'done' ? (verified ?? before.verified) : null, waiting }
      },
    },
  })
  expect(unreached('gate', walk.visits.values(), [])).toEqual([])
  expect(deadEnds(walk, [])).toEqual([])
  const after = walk.edges.filter(({ from }) => from.status === 'done')
  expect(
    after.filter(({ from, to }) => from.snapshot.value !== to.snapshot.value || to.asked.length > 0),
  ).toEqual([])
})
