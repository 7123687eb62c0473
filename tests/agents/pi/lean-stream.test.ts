import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leanStream } from '../../../src/agents/pi/lean-stream.ts'

const update = (text: string) => `{"type":"message_update","assistantMessageEvent":{"partial":"${text}"}}\n`
const end = '{"type":"message_end","message":{"role":"assistant"}}\n'

/** What is left of a stream that came in these chunks, `gapMs` apart. */
const lean = (chunks: readonly Buffer[], gapMs = 0): string => {
  const kept: Buffer[] = []
  let nowMs = 0
  const take = leanStream(
    (chunk) => kept.push(Buffer.from(chunk)),
    () => nowMs,
  )
  for (const chunk of chunks) {
    take(chunk)
    nowMs += gapMs
  }
  return Buffer.concat(kept).toString()
}
const whole = (text: string) => [Buffer.from(text)]

describe('pi’s stream', () => {
  test('keeps every line but those that repeat a message', () =>
    expect(lean(whole(`{"type":"session"}\n${update('a')}${update('ab')}${end}`))).toBe(
      `{"type":"session"}\n{"type":"at_work"}\n${end}`,
    ))

  test('goes on growing while nothing but repetitions come, once a second', () =>
    expect(
      lean(
        Array.from({ length: 30 }, () => Buffer.from(update('x'))),
        100,
      ),
    ).toBe('{"type":"at_work"}\n'.repeat(3)))

  test('keeps noise, an empty line and a last line without its end', () =>
    expect(lean(whole(`\nnoise {"type":"message_update"\n${end.trimEnd()}`))).toBe(
      `\nnoise {"type":"message_update"\n${end.trimEnd()}`,
    ))

  test('is the same however it is cut', () => {
    const line = fc.constantFrom(
      update('ä'),
      update('x'.repeat(200)),
      end,
      '\n',
      '{"type":"mess\n',
      '{"typ\n',
    )
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(64), { maxLength: 40 }), (lines, sizes) => {
        const bytes = Buffer.from(lines.join(''))
        const chunks: Buffer[] = []
        let from = 0
        for (const size of sizes) {
          chunks.push(bytes.subarray(from, from + size))
          from += size
        }
        expect(lean([...chunks, bytes.subarray(from)])).toBe(lean([bytes]))
      }),
    )
  })
})
