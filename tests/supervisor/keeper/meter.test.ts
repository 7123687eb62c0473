import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MeterRule } from '../../../src/contracts/meter.ts'
import { createMeter, type Meter } from '../../../supervisor/keeper/meter.ts'

const rules = [
  {
    when: { type: 'turn' },
    turn: true,
    usage: { input: ['in.a', 'in.b'], cachedInput: ['in.b'], output: ['out'] },
  },
  { when: { type: 'total' }, usage: { input: ['in'], output: ['out'], usd: 'usd', cumulative: true } },
  { when: { type: 'tool', state: 'start' }, tool: { at: 'start', id: 'call', novelty: [] } },
  { when: { type: 'tool', state: 'end' }, tool: { at: 'end', id: 'call', novelty: ['result'] } },
  {
    when: { type: 'tools' },
    tool: { at: 'end', each: { of: 'of.list', when: { is: 'result' } }, id: 'call', novelty: ['result'] },
  },
  { when: { type: 'end', ok: true }, terminal: 'success' },
  { when: { type: 'end' }, terminal: 'failure' },
].map((rule) => MeterRule.parse(rule))
const price = { inputUsd: 1, cachedInputUsd: 0.1, outputUsd: 10 }

const meterOf = (events: readonly unknown[], fuel: number | null = null): Meter => {
  const meter = createMeter({ rules, price, files: [], usedBefore: null }, fuel)
  for (const [at, event] of events.entries())
    meter.read(typeof event === 'string' ? event : JSON.stringify(event), at)
  return meter
}
const call = (id: string, result: string) => [
  { type: 'tool', state: 'start', call: id },
  { type: 'tool', state: 'end', call: id, result },
]

describe('usage', () => {
  test('adds up, cached tokens as part of the input, dollars by the price', () => {
    const turn = { type: 'turn', in: { a: 1_000_000, b: 1_000_000 }, out: 100_000 }
    const { reading } = meterOf([turn, turn])
    expect(reading).toMatchObject({ inputTokens: 4_000_000, cachedInputTokens: 2_000_000, turns: 2 })
    expect(reading.usd).toBeCloseTo(2 * (1 + 0.1 + 1))
  })

  test('that is told as a total replaces what was counted, with the dollars it names', () =>
    expect(
      meterOf([
        { type: 'total', in: 5, out: 1, usd: 0.5 },
        { type: 'total', in: 9, out: 2, usd: 0.75 },
      ]).reading,
    ).toMatchObject({ inputTokens: 9, outputTokens: 2, usd: 0.75 }))

  test.each([0, null, 'free'])('is priced where the agent tells %j dollars', (usd) =>
    expect(meterOf([{ type: 'total', in: 1_000_000, out: 0, usd }]).reading.usd).toBeCloseTo(1),
  )

  test.each([
    ['no JSON', 'turn'],
    ['half a line', '{"type":"turn","in":{"a":5'],
    ['a list', '["turn"]'],
    ['numbers that are none', { type: 'turn', in: { a: '7', b: -3 }, out: null }],
  ])('is not made up from %s', (_what, event) => {
    const { inputTokens, outputTokens, usd } = meterOf([event]).reading
    expect([inputTokens, outputTokens, usd]).toEqual([0, 0, 0])
  })
})

describe('tools', () => {
  test('a call is in flight from its start to its end; the one that began first is told', () => {
    const meter = meterOf([{}, ...call('a', 'x').slice(0, 1), ...call('b', 'y').slice(0, 1)])
    expect(meter.toolSinceMs).toBe(1)
    meter.read(JSON.stringify(call('a', 'x')[1]), 9)
    expect(meter.toolSinceMs).toBe(2)
    meter.read(JSON.stringify(call('b', 'y')[1]), 9)
    expect(meter.toolSinceMs).toBeNull()
  })

  test('several that end in one event have all ended (regression: only the first had)', () => {
    const of = (...ids: string[]) => ({ list: ids.map((id) => ({ is: 'result', call: id, result: id })) })
    const began = ['a', 'b', 'c'].flatMap((id) => call(id, id).slice(0, 1))
    const meter = meterOf([...began, { type: 'tools', of: of('b', 'c') }])
    expect([meter.reading.novelResults, meter.toolSinceMs]).toEqual([2, 0])
    meter.read(JSON.stringify({ type: 'tools', of: { list: [{ is: 'text', call: 'a' }, null, 7] } }), 9)
    meter.read(JSON.stringify({ type: 'tools', of: { list: 'a' } }), 9)
    expect(meter.toolSinceMs).toBe(0)
    meter.read(JSON.stringify({ type: 'tools', of: of('a') }), 9)
    expect([meter.reading.toolCalls, meter.toolSinceMs]).toEqual([3, null])
  })

  test.each(['start', 'end'])(
    'an end in a line that was too long is over with the next %s (regression: it was in flight for good)',
    (at) => {
      const meter = meterOf(call('a', 'x').slice(0, 1))
      meter.missLine()
      expect(meter.toolSinceMs).toBe(0)
      for (const [index, event] of call('b', 'y').entries())
        if (event.state === at) meter.read(JSON.stringify(event), 5 + index)
      expect(meter.toolSinceMs).toBe(at === 'start' ? 5 : null)
      meter.read(JSON.stringify(call('c', 'z')[0]), 9)
      expect(meter.toolSinceMs).toBe(at === 'start' ? 5 : 9)
    },
  )

  test('an end nobody saw begin is a whole call', () => {
    const meter = meterOf(call('a', 'x').slice(1))
    expect([meter.reading.toolCalls, meter.toolSinceMs]).toEqual([1, null])
  })
})

/** `depth` lists inside one another; writing them down again would take more stack than there is. */
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('what no agent would say', () => {
  test.each([
    ['a result nested without end', `{"type":"tool","state":"end","call":"a","result":${nested(500_000)}}`],
    ['an id nested without end', `{"type":"tool","state":"end","call":${nested(500_000)},"result":""}`],
    ['an id that is no text', '{"type":"tool","state":"end","call":{"toString":1,"valueOf":1},"result":""}'],
  ])('is counted and breaks nothing: %s', (_what, line) => expect(meterOf([line]).reading.toolCalls).toBe(1))

  test('of calls that never end some are forgotten', () => {
    const meter = meterOf(
      Array.from({ length: 200_000 }, (_, id) => ({ type: 'tool', state: 'start', call: id })),
    )
    expect(meter.toolSinceMs).toBe(199_000)
  })

  test('figures beyond everything are none, and sums go no further', () => {
    const huge = '{"type":"turn","in":{"a":1e999,"b":1e300},"out":1e13}'
    expect(meterOf([huge]).reading).toMatchObject({ inputTokens: 0, outputTokens: 0, usd: 0 })
    const large = { type: 'turn', in: { a: 1e12 }, out: 1e12 }
    const { reading } = meterOf([large, large, { type: 'total', in: 1e12, out: 0, usd: 1e300 }, large])
    expect(reading).toMatchObject({ inputTokens: 1e12, outputTokens: 1e12, usd: 1e6 })
  })
})

describe('progress fuel', () => {
  test('the same result again and again runs dry', () => {
    const loop = Array.from({ length: 7 }, (_, at) => call(`c${at}`, 'the same')).flat()
    // One novel result among seven calls: 5 - 1 + 2 (at most 5) - 6.
    expect(meterOf(loop, 5).fuel).toBe(-1)
  })

  test('property: who always finds something new never runs dry, who never does loses one a call', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        (fuel, news) => {
          const events = news.flatMap((isNew, at) => call(`c${at}`, isNew ? `result ${at}` : 'old'))
          const left = meterOf([...call('first', 'old'), ...events], fuel).fuel ?? 0
          if (news.every((isNew) => isNew)) expect(left).toBeGreaterThan(0)
          if (!news.includes(true)) expect(left).toBe(fuel - news.length)
          expect(left).toBeLessThanOrEqual(fuel)
        },
      ),
    )
  })

  test('is not counted without a limit', () => expect(meterOf(call('a', 'x')).fuel).toBeNull())
})

test('the first rule that holds decides what the end means', () => {
  expect(meterOf([{ type: 'end', ok: true }]).reading.terminal).toBe('success')
  const meter = meterOf([{}, { type: 'end', ok: false }])
  expect([meter.reading.terminal, meter.terminalMs]).toEqual(['failure', 1])
})
