import { expect, test } from 'vitest'
import { commandAgent } from '../../src/agents/command.ts'
import { EFFECT_IO, type EffectInput } from '../../src/contracts/effect-io.ts'
import { spendRequest } from '../../src/effects/spend-request.ts'
import { agentConfig } from '../agents/agent-fixture.ts'
import * as sample from '../machines/durable/support/samples.ts'

const { proposal, decision } = sample.planned()
const input = (given: object = {}): EffectInput<'runAgent'> =>
  EFFECT_IO.runAgent.input.parse({
    attemptId: 'att-1-1',
    attempt: 1,
    proposal,
    decision,
    workspace: sample.workspace,
    priorFailures: [],
    revision: null,
    ...given,
  }) as EffectInput<'runAgent'>

const signature = (given: object = {}, agent: object = {}): string | null =>
  spendRequest(input(given), agentConfig(agent), commandAgent, { version: '1', isRunning: false }).signature

test.each([
  ['another goal', { proposal: { ...proposal, goal: 'Something else.' } }, {}],
  ['another base', { workspace: { ...sample.workspace, baseSha: 'f'.repeat(40) } }, {}],
  ['an answer', { answer: { by: 'ada', text: '8080' } }, {}],
  ['another model', {}, { model: 'large' }],
  // Everything that is planned anew was asked for anew: a person retries it, or moved its card.
  ['another plan', { proposal: { ...proposal, proposedAtMs: proposal.proposedAtMs + 1 } }, {}],
])('%s is other work', (_what, given, agent) => {
  expect(signature(given, agent)).not.toBe(signature())
})

test('the next attempt at the same plan is the same work, however the last one failed', () => {
  const failure = sample.failed('no_progress')
  const next = { attemptId: 'att-1-2', attempt: 2, priorFailures: [{ attempt: 1, failure }], handoff: 'hm' }
  expect(signature(next)).toBe(signature())
})
