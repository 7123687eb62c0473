import { expect, test } from 'vitest'
import { createRedactor } from '../../src/evidence/redact.ts'
import { redactJson } from '../../src/evidence/redact-json.ts'

const KEY_FILE =
  '-----BEGIN KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAA\nBBBBBBBBBBBBBBBBBBBBBBBB\n-----END KEY-----\n'

test.each([
  ['as it is', 'p@ss"word', 'x p@ss"word x'],
  ['as JSON writes it', 'p@ss"word', JSON.stringify({ a: 'p@ss"word' })],
  ['as a URL writes it', 'p@ss"word', `https://x:${encodeURIComponent('p@ss"word')}@host`],
  ['with the newline of the file it came from', 'p@ss"word\n', 'x p@ss"word x'],
  ['one line of a key file', KEY_FILE, 'x BBBBBBBBBBBBBBBBBBBBBBBB x'],
  ['a key file as JSON writes it', KEY_FILE, JSON.stringify(KEY_FILE)],
  ['with letters outside ASCII', 'pässwörd', 'x pässwörd x'],
])('found %s', (_name, secret, text) => {
  const redactor = createRedactor([secret])
  for (const done of [redactor.text(text).text, redactor.bytes(Buffer.from(text)).bytes.toString()]) {
    expect(done).toContain('[redacted]')
    for (const line of secret.trim().split('\n')) if (line.length >= 16) expect(done).not.toContain(line)
    expect(done).not.toContain(secret.trim())
  }
})

test('what has the shape of a secret is found without anybody naming it, in text and among bytes', () => {
  const token = `gh${'p_'}${'aB3dE6gH9j'.repeat(4).slice(0, 36)}`
  const redactor = createRedactor([])
  expect(redactor.text(`a ${token} b`)).toEqual({ text: 'a [redacted] b', count: 1 })
  const bytes = Buffer.concat([
    Buffer.from([0xff, 0x00]),
    Buffer.from(` ${token} `),
    Buffer.from([0xa0, 0xc3]),
  ])
  expect(redactor.bytes(bytes).bytes).toEqual(
    Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from(' [redacted] '), Buffer.from([0xa0, 0xc3])]),
  )
})

test('a secret within a longer one does not leave the rest of it behind', () => {
  expect(createRedactor(['secret', 'secret-and-more']).text('a secret-and-more b').text).toBe(
    'a [redacted] b',
  )
})

test('values too short to be told from innocent text are left alone', () => {
  expect(createRedactor(['', 'a', 'true']).text('a true story')).toEqual({ text: 'a true story', count: 0 })
})

test('in JSON, keys and values are redacted and counted, other types stay', () => {
  const value = { 'my-secret': ['my-secret!', 1, null, true, { deep: 'no' }] }
  expect(redactJson(value, createRedactor(['my-secret']))).toEqual({
    value: { '[redacted]': ['[redacted]!', 1, null, true, { deep: 'no' }] },
    count: 2,
  })
})
