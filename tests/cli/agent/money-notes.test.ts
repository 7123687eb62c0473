import { expect, test } from 'vitest'
import type { AgentType } from '../../../src/agents/agent-type.ts'
import { commandAgent } from '../../../src/agents/command.ts'
import { moneyNotes } from '../../../src/cli/agent/money-notes.ts'
import { MeterRule } from '../../../src/contracts/meter.ts'
import { agentConfig } from '../../agents/agent-fixture.ts'
import { rules, USD } from '../../budget/samples.ts'

const PRICE = { inputUsd: 1, cachedInputUsd: 0, outputUsd: 1 }
const typeOf = (usage: AgentType['capabilities']['usage'], ...rules: object[]): AgentType => ({
  ...commandAgent,
  capabilities: { ...commandAgent.capabilities, usage },
  meter: rules.map((rule) => MeterRule.parse({ when: { type: 'x' }, ...rule })),
})
const counted = (usd: string | null) => ({ usage: { input: ['a'], output: ['b'], usd } })
const LATE = typeOf('dollars', counted(null), { ...counted('c'), terminal: 'success' })
const LIVE = typeOf('dollars', counted('c'))
const AFTERWARDS = typeOf('dollars')
const NEVER = typeOf('none')

const CAPS = { all: { perDay: { usdMicros: USD } }, repo: { perAttempt: { usdMicros: USD, tokens: 5 } } }
const BOTH = 'budget.per_day.usd, repos.api.budget.per_attempt.usd'

test.each([
  [
    'dollars with the last word',
    LATE,
    {},
    CAPS,
    `${BOTH} keep it from being started, but cannot stop it; agents.a.price does that`,
  ],
  ['dollars with the last word, and a price', LATE, { price: PRICE }, CAPS, null],
  ['dollars with the last word, covered', LATE, { covered: true }, CAPS, null],
  ['dollars with the last word, no cap on them', LATE, {}, { all: { perDay: { tokens: 5 } } }, null],
  ['dollars while it runs', LIVE, {}, CAPS, null],
  [
    'dollars afterwards, whatever its price',
    AFTERWARDS,
    { price: PRICE },
    CAPS,
    `${BOTH} keep it from being started, but cannot stop it`,
  ],
  [
    'nothing',
    NEVER,
    {},
    CAPS,
    `${BOTH}, repos.api.budget.per_attempt.tokens do not hold for it, only caps on runs and attempts`,
  ],
  ['nothing, and only runs are capped', NEVER, {}, { all: { perHour: { runs: 5 } } }, null],
  ['dollars with the last word, in no lane', LATE, { key: 'b' }, CAPS, null],
] as const)('an agent that tells %s', (_what, type, given, caps, expected) => {
  const notes = moneyNotes(rules(caps), agentConfig({ key: 'a', ...given }), type)
  expect(notes.map((note) => note.replace(/^[^:]*: /, ''))).toEqual(expected === null ? [] : [expected])
})
