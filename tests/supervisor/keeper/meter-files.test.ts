import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MeterFile, MeterReading, MeterRule } from '../../../src/contracts/meter.ts'
import { createMeter } from '../../../supervisor/keeper/meter.ts'

const file = MeterFile.parse({
  folder: 'log',
  prefix: '',
  suffix: '.jsonl',
  when: { type: 'answer' },
  usage: { input: ['in'], cachedInput: ['cached'], output: ['out'] },
  answer: ['id'],
})
const rules = [
  MeterRule.parse({ when: { type: 'total' }, usage: { input: ['in'], output: ['out'], cumulative: true } }),
]
const price = { inputUsd: 1, cachedInputUsd: 0.1, outputUsd: 10 }
const NOTHING = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: 0 }

const meterOf = (usedBefore = NOTHING) => createMeter({ rules, price, files: [file], usedBefore }, null)
type Answer = Record<string, unknown>
const answer = (id: string, tokens: number): Answer => ({ type: 'answer', id, in: tokens, out: 0 })
const readAll = (answers: readonly unknown[], meter = meterOf()) => {
  for (const one of answers) meter.readFile(file, typeof one === 'string' ? one : JSON.stringify(one), 0)
  return meter.reading
}

describe('answers in a file', () => {
  test('add up, at their price', () => {
    const full = { type: 'answer', in: 1_000_000, cached: 500_000, out: 100_000 }
    const reading = readAll([
      { ...full, id: 'a' },
      { ...full, id: 'b' },
    ])
    expect(reading).toMatchObject({
      inputTokens: 2_000_000,
      cachedInputTokens: 1_000_000,
      outputTokens: 200_000,
    })
    expect(reading.usd).toBeCloseTo(2 * (0.5 + 0.05 + 1))
  })

  test('that are told again count once, with the most they were told to cost', () =>
    expect(
      readAll([answer('a', 0), answer('a', 70), answer('b', 5), answer('a', 60), answer('a', 70)]),
    ).toMatchObject({ inputTokens: 75 }))

  test('had no more cached tokens than tokens: nothing is earned by forging', () => {
    const reading = readAll([{ type: 'answer', id: 'a', in: 10, cached: 1_000_000, out: 0 }])
    expect(reading.cachedInputTokens).toBe(10)
    expect(reading.usd).toBeGreaterThan(0)
  })

  test('tell of nothing but tokens', () =>
    expect(readAll([{ ...answer('a', 7), turn: true, terminal: 'success' }])).toMatchObject({
      turns: 0,
      toolCalls: 0,
      terminal: null,
    }))

  test.each([
    ['half a line', '{"type":"answer","id":"a","in":5'],
    ['a list', '["answer"]'],
    ['a line so nested that it cannot be parsed', `{"type":${'['.repeat(500_000)}`],
    ['another kind of line', { type: 'other', id: 'a', in: 5 }],
    ['no number', { type: 'answer', id: 'a', in: '5', out: [5] }],
    ['less than nothing', { type: 'answer', id: 'a', in: -5, out: -1 }],
    ['more than there is', '{"type":"answer","id":"a","in":1e999,"out":1e300}'],
    ['more than models use in a second', answer('a', 5_000_001)],
  ])('are not made up from %s', (_what, line) => {
    expect(readAll([line])).toMatchObject(NOTHING)
  })
})

describe('beside the stream', () => {
  const total = (tokens: number) => JSON.stringify({ type: 'total', in: tokens, out: 0 })

  test.each([
    ['the file is ahead while it runs', 10, 30, 30],
    ['the stream knows more in the end', 30, 20, 30],
    ['both say the same', 20, 20, 20],
  ])('nothing counts twice: %s', (_when, streamed, written, counted) => {
    const meter = meterOf()
    meter.read(total(streamed), 0)
    expect(readAll([answer('a', written)], meter).inputTokens).toBe(counted)
  })

  test('what a session used before stands in its stream, and not in what is new in its files', () => {
    const meter = meterOf({ ...NOTHING, inputTokens: 100 })
    expect(readAll([answer('a', 20)], meter).inputTokens).toBe(120)
    meter.read(total(120), 0)
    expect(meter.reading.inputTokens).toBe(120)
  })
})

describe('answers of an earlier run', () => {
  const known = (...answers: readonly Answer[]) => {
    const meter = meterOf()
    for (const one of answers) meter.knowFile(file, JSON.stringify(one))
    return meter
  }

  test('count no more when they are told again, but for what they have grown by', () => {
    const meter = known(answer('a', 100), answer('b', 50))
    expect(meter.reading.inputTokens).toBe(0)
    expect(readAll([answer('a', 100), answer('b', 70), answer('c', 5)], meter).inputTokens).toBe(25)
  })

  test('are as many as there were: what a model can use in a second says nothing of them', () =>
    expect(readAll([answer('a', 7_000_000)], known(answer('a', 7_000_000))).inputTokens).toBe(0))
})

describe('forged figures', () => {
  test('hide none that are true', () => {
    const forged = [answer('x', 1e11), '{"type":"answer","id":"y","in":1e999}']
    expect(readAll([...forged, answer('a', 50), ...forged, answer('b', 50)]).inputTokens).toBe(100)
  })

  test('cost no more a second than models can', () => {
    const meter = meterOf()
    for (let line = 0; line < 1_000; line += 1)
      meter.readFile(file, JSON.stringify(answer(`${line}`, 1_000_000)), 999)
    expect(meter.reading.inputTokens).toBe(5_000_000)
    meter.readFile(file, JSON.stringify(answer('later', 1_000_000)), 1_999)
    expect(meter.reading.inputTokens).toBe(6_000_000)
  })

  test('property: whatever lines say, the count never falls and can be kept', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom('1', null, 1e12, -1, 1e300, [1]))
    const lines = fc.array(
      fc.record({
        type: fc.constantFrom('answer', 'total'),
        id: fc.constantFrom('a', 'b', null),
        in: number,
        cached: number,
        out: number,
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(lines, (all) => {
        const written = meterOf()
        const meter = meterOf()
        let before = 0
        for (const [at, line] of all.entries()) {
          for (const each of [written, meter]) each.readFile(file, JSON.stringify(line), at * 400)
          meter.read(JSON.stringify(line), at)
          const { reading } = written
          expect(reading.inputTokens + reading.outputTokens).toBeGreaterThanOrEqual(before)
          before = reading.inputTokens + reading.outputTokens
          MeterReading.parse(JSON.parse(JSON.stringify(meter.reading)))
        }
      }),
      { numRuns: 100 },
    )
  })
})
