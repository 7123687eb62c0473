import { expect, test } from 'vitest'
import { AgentOutcome } from '../../src/contracts/agent-run.ts'
import { redactOutcome } from '../../src/effects/redact-outcome.ts'

const OUTCOME = AgentOutcome.parse({
  ending: 'failed',
  exitCode: 1,
  signal: null,
  stopReason: null,
  failure: { class: 'auth', reason: 'refused canary-value-1', excerpt: 'sent canary-value-1' },
  startedAtMs: 1,
  endedAtMs: 2,
  containment: { level: 'swept', sandbox: 'off' },
  usage: null,
  recorded: false,
  sessionId: 's',
  question: { id: 'q', text: 'is canary-value-1 right?' },
  summary: `I used gh${'p_'}${'aB3dE6gH9j'.repeat(4).slice(0, 36)}`,
})

test('an agent’s own secrets and what looks like one are in nothing it is remembered by', () => {
  expect(redactOutcome(OUTCOME, ['canary-value-1'])).toEqual({
    ...OUTCOME,
    failure: { class: 'auth', reason: 'refused [redacted]', excerpt: 'sent [redacted]' },
    question: { id: 'q', text: 'is [redacted] right?' },
    summary: 'I used [redacted]',
  })
})

test('what was not said stays unsaid', () => {
  const silent = { ...OUTCOME, failure: null, question: null, summary: null }
  expect(redactOutcome(silent, ['canary-value-1'])).toEqual(silent)
})
