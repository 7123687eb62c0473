import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactShapes } from '../../../src/platform/secrets/redact-shapes.ts'
import {
  findSecretShapes,
  LONGEST_MATCH,
  SECRET_PATTERNS,
} from '../../../src/platform/secrets/secret-patterns.ts'
import { secretSpellings } from '../../../src/platform/secrets/secret-spellings.ts'
import { PLANTED } from './planted-secrets.ts'

const planted = Object.entries(PLANTED)

test('every pattern has a planted secret', () => {
  expect(Object.keys(PLANTED).sort()).toEqual(SECRET_PATTERNS.map(({ id }) => id).sort())
})

describe('a secret is found by its pattern and replaced, and nothing else is', () => {
  test.each(planted)('%s', (id, { text, secret }) => {
    expect(findSecretShapes(text).map((span) => span.id)).toContain(id)
    const done = redactShapes(text)
    expect(done.count).toBe(1)
    expect(done.text).toBe(text.replace(secret, '[redacted]'))
  })

  test.each(planted)('%s, as JSON writes it', (_, { text, secret }) => {
    const line = JSON.stringify({ type: 'message', text, more: [1, 'x'] })
    const done = redactShapes(line).text
    expect(done).not.toContain(secret.slice(0, 30))
    expect(JSON.parse(done)).toMatchObject({ type: 'message', more: [1, 'x'] })
  })

  test.each(planted)('%s, on the lines of a patch', (_, { text, secret }) => {
    for (const sign of ['+', '-', ' ']) {
      const patch = text.replace(/^/gm, sign)
      for (const line of secret.split('\n').slice(1, -1)) expect(redactShapes(patch).text).not.toContain(line)
      expect(redactShapes(patch).count).toBe(1)
    }
  })
})

test.each([
  [
    'prose about tokens',
    'The bearer understandings of a basic internationalisation. Authorization: see below.',
  ],
  ['a class of a style sheet', '<div class="sk-fading-circle sk-cube-grid-animation-container">'],
  ['a hash', 'a'.repeat(64)],
  ['a git URL', 'git@github.com:acme/api.git https://host.test:8080/path@2 https://user@host.test/'],
  ['a public key', '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----'],
  ['a time', '12:34:56://'],
])('%s is left alone', (_, text) => {
  expect(redactShapes(text)).toEqual({ text, count: 0 })
})

test('a key put together line by line, or cut, is replaced as well', () => {
  const begin = `-----BEGIN ${'PRIVATE'} KEY-----`
  const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ'
  for (const text of [
    `"${begin}\\n" +\n  "${line}\\n" +\n  "${line}\\n"`,
    `${begin}\n${line}\n${line}`,
    `${begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n${line}\n`,
  ])
    expect(redactShapes(text).text).not.toContain(line)
})

test('whatever stands around it, a planted secret is gone', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom(...planted.map(([, each]) => each)),
          fc.string().map((text) => ({ text, secret: '' })),
        ),
        {
          maxLength: 12,
        },
      ),
      fc.constantFrom('\n', ' ', '\t'),
      (parts, between) => {
        const done = redactShapes(parts.map(({ text }) => text).join(between)).text
        return parts.every(({ secret }) => secret === '' || !done.includes(secret))
      },
    ),
  )
})

/** What makes careless expressions slow: beginnings without ends, and long runs of a class. */
test.each([
  ['beginnings of keys', `-----BEGIN RSA ${'PRIVATE'} KEY-----\n`],
  ['beginnings of tokens', 'eyJ'],
  ['beginnings apart', '-eyJ'],
  ['segments', 'eyJaaaaaaaaaaaa.'],
  ['addresses', 'https://a:'],
  ['colons', '://:'],
  ['headers', 'authorization: '],
  ['bearers', 'bearer '],
  ['keys without digits', 'sk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa '],
  ['one run', 'a'],
  ['aws', 'aws_secret_access_key="'],
  ['spaces', ' '],
])('a megabyte of %s takes linear time', (_, unit) => {
  const timed = (bytes: number): number => {
    const text = `PRIVATE KEY ${unit.repeat(Math.ceil(bytes / unit.length))}`
    const beganMs = performance.now()
    redactShapes(text)
    return performance.now() - beganMs
  }
  timed(10_000)
  expect(timed(1_000_000)).toBeLessThan(1_500)
})

test('no match is longer than is said', () => {
  const endless = [
    `-----BEGIN ${'PRIVATE'} KEY-----\n${'A'.repeat(100_000)}`,
    `ey${'J'}${'a'.repeat(1999)}.ey${'J'}${'a'.repeat(5999)}.${'a'.repeat(100_000)}`,
    `Authorization: Bearer ${'a1'.repeat(50_000)}`,
  ]
  for (const text of endless)
    for (const { start, end } of findSecretShapes(text))
      expect(end - start).toBeLessThanOrEqual(LONGEST_MATCH)
})

describe('the spellings of a value', () => {
  const value = 'canary-value-1234'

  test('as base64 holds it, wherever it begins, and as hex', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, after) => {
        const bytes = Buffer.from(`${before}${value}${after}`, 'utf8')
        return (['base64', 'base64url', 'hex'] as const).every((encoding) => {
          const text = bytes.toString(encoding)
          return secretSpellings(value).some((spelling) => text.includes(spelling))
        })
      }),
    )
  })

  test('a short value is not looked for', () => expect(secretSpellings('abc')).toEqual([]))
})
