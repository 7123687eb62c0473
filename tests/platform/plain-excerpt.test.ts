import { expect, test } from 'vitest'
import { plainExcerpt } from '../../src/platform/plain-excerpt.ts'

test.each([
  ['a terminal is told nothing', 'a\u001b[31mb\u001b[0m\u0007c', 'abc'],
  ['lines and tabs stay', 'a\r\n\tb\rc', 'a\n\tb\nc'],
  ['nothing reorders or hides what is read', 'a\u202eb\u2066c\u200bd\u2028e', 'abcde'],
])('%s', (_what, output, plain) => expect(plainExcerpt(output, 100)).toBe(plain))

test.each(['', '\u0001', '\u200b'])(
  'a secret is found though %j keeps it apart (regression: it came out whole)',
  (hidden) => {
    const [start, end] = [`ghp_${'a1B2'.repeat(4)}`, 'a1B2'.repeat(5)]
    expect(plainExcerpt(`token ${start}${hidden}${end}`, 100)).not.toContain(`${start}${end}`)
  },
)

test('the end is kept', () => expect(plainExcerpt('0123456789', 4)).toBe('6789'))
