import { describe, expect, test } from 'vitest'
import type { AgentType } from '../../src/agents/agent-type.ts'
import { commandAgent } from '../../src/agents/command.ts'
import { metersDollars } from '../../src/agents/metering.ts'
import { unservedKeys } from '../../src/agents/unserved-keys.ts'
import { MeterRule } from '../../src/contracts/meter.ts'

const typeOf = (usage: AgentType['capabilities']['usage'], ...rules: object[]): AgentType => ({
  ...commandAgent,
  capabilities: { ...commandAgent.capabilities, usage },
  meter: rules.map((rule) => MeterRule.parse({ when: { type: 'x' }, ...rule })),
})
const tool = (at: 'start' | 'end') => ({ tool: { at, id: null, novelty: [] } })
const used = (more: object = {}) => ({ usage: { input: ['a'], output: ['b'], ...more } })
const LAST = { terminal: 'success' }
const PRICE = { inputUsd: 1, cachedInputUsd: 1, outputUsd: 1 }

describe('keys that a type cannot serve', () => {
  test.each([
    ['all, and nothing', typeOf('dollars', tool('start'), used()), []],
    ['tokens with its last word only', typeOf('tokens', tool('start'), { ...used(), ...LAST }), []],
    ['only the end of its tool calls', typeOf('dollars', tool('end'), used()), ['tool_timeout']],
    ['no tool calls', typeOf('dollars', used()), ['progress_fuel', 'tool_timeout']],
    ['nothing while it runs', typeOf('dollars'), ['max_tokens', 'progress_fuel', 'tool_timeout']],
    [
      'nothing at all',
      typeOf('none'),
      [
        'max_tokens',
        'progress_fuel',
        'tool_timeout',
        'price',
        'covered',
        'budget.per_attempt.usd',
        'budget.per_attempt.tokens',
      ],
    ],
  ])('of one that tells %s', (_what, type, expected) => {
    const unserved = unservedKeys(type)
    expect(unserved.map(({ at }) => at.join('.'))).toEqual(expected)
    expect(unserved.every(({ lacks, remedy }) => lacks !== '' && remedy.startsWith('remove it'))).toBe(true)
  })
})

describe('dollars while it runs', () => {
  test.each([
    ['told with every answer', [used({ usd: 'c' })], true, true],
    ['told with the last word, tokens before', [used(), { ...used({ usd: 'c' }), ...LAST }], false, true],
    ['never told', [used()], false, true],
    ['nothing told', [], false, false],
  ])('%s', (_what, rules, withoutPrice, withPrice) => {
    const type = typeOf('dollars', ...rules)
    expect([metersDollars(type, null), metersDollars(type, PRICE)]).toEqual([withoutPrice, withPrice])
  })
})
