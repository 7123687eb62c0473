import { describe, expect, test } from 'vitest'
import { AgentOutcome } from '../../src/contracts/agent-run.ts'
import { spentOf } from '../../src/effects/settle-run.ts'
import { agentConfig } from '../agents/agent-fixture.ts'

type Capability = 'dollars' | 'tokens' | 'none'

const outcome = (given: Partial<AgentOutcome>): AgentOutcome =>
  AgentOutcome.parse({
    ending: 'completed',
    exitCode: 0,
    signal: null,
    stopReason: null,
    failure: null,
    startedAtMs: 1,
    endedAtMs: 2,
    containment: { level: 'swept', sandbox: 'off' },
    usage: null,
    recorded: false,
    sessionId: null,
    ...given,
  })

const spent = (
  given: Partial<AgentOutcome>,
  usage: Capability = 'dollars',
  agent = agentConfig(),
  how: { readonly signal?: string; readonly wasStarted?: boolean } = {},
) =>
  spentOf({ outcome: outcome(given), wasStarted: true, endedAt: null, signal: null, ...how }, agent, {
    capabilities: { resume: false, terminalEvent: true, usage },
  })

const used = (tokens: number, usd: number) => ({
  inputTokens: tokens,
  cachedInputTokens: 0,
  outputTokens: 0,
  usd,
  coveredUsd: 0,
})

describe('what an ended run is settled at', () => {
  test.each([
    ['its own account', { usage: used(5, 1) }, 'dollars', used(5, 1)],
    [
      'nothing where it failed before its first token',
      { ending: 'failed', usage: used(0, 0) },
      'dollars',
      used(0, 0),
    ],
    [
      'what was reserved where it was broken off without a word',
      { ending: 'interrupted', usage: used(0, 0) },
      'dollars',
      null,
    ],
    [
      'what was reserved where its keeper stopped it without a word',
      { ending: 'failed', stopReason: 'idle', usage: used(0, 0) },
      'dollars',
      null,
    ],
    [
      'the meter where it was broken off',
      { ending: 'interrupted', usage: used(7, 2) },
      'dollars',
      used(7, 2),
    ],
    ['what was reserved where nothing is known', { ending: 'interrupted', usage: null }, 'tokens', null],
    ['uncounted where its kind tells nothing', { ending: 'interrupted', usage: null }, 'none', 'uncounted'],
  ] as const)('%s', (_name, given, capability, expected) => {
    expect(spent(given as Partial<AgentOutcome>, capability).usage).toEqual(expected)
  })

  test('what was reserved where its own tools ended it without a word (regression: nothing)', () => {
    const given = { ending: 'failed', usage: used(0, 0) } as const
    expect(spent(given, 'dollars', agentConfig(), { signal: 'SIGTERM' }).usage).toBeNull()
  })

  test.each([
    ['nothing where it could not be started (regression: all that was reserved)', null, 'not_started'],
    ['its own account where it was started all the same', used(5, 1), 'failed'],
  ] as const)('%s', (_name, usage, ending) => {
    const given = { ending: 'failed', usage } as const
    expect(spent(given, 'dollars', agentConfig(), { wasStarted: false }).ending).toBe(ending)
  })

  const FREE = { inputUsd: 0, cachedInputUsd: 0, outputUsd: 0 }
  test.each([
    ['tokens alone', used(5, 0), 'tokens', {}, false],
    ['tokens alone of an agent that tells dollars in its end only', used(590_000, 0), 'dollars', {}, false],
    ['tokens and dollars', used(5, 1), 'dollars', {}, true],
    ['tokens and dollars of an agent that rarely tells them', used(5, 1), 'tokens', {}, true],
    ['tokens of a model that costs nothing', used(5, 0), 'dollars', { price: FREE }, true],
    ['tokens that a subscription covers', used(5, 0), 'tokens', { covered: true }, true],
    ['nothing at all', used(0, 0), 'tokens', {}, true],
    ['what nobody counts', null, 'none', {}, true],
  ] as const)('%s: a price is known or not', (_name, usage, capability, given, expected) => {
    const stopped = { ending: 'failed', stopReason: 'tokens', usage } as const
    for (const outcome of [{ usage }, stopped])
      expect(spent(outcome, capability, agentConfig(given)).isPriced).toBe(expected)
  })
})
