import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operatorsFromKeys } from '../../src/gates/operators-from-keys.ts'
import { fingerprint, parsePublicKey } from '../../src/gates/ssh-public-key.ts'
import { sshString } from '../../src/gates/ssh-wire.ts'
import { type KeyFolder, keyFolder } from './support/ssh-tools.ts'

let keys: KeyFolder
beforeAll(() => {
  keys = keyFolder()
  for (const name of ['ada', 'bob']) keys.make(name, 'ed25519')
})
afterAll(() => keys.remove())

test('keys come out sorted, in one spelling, without comments', () => {
  const result = operatorsFromKeys({ bob: `${keys.publicLine('bob')}\n`, ada: keys.publicLine('ada') })
  const line = (name: string) => keys.publicLine(name).split(' ').slice(0, 2).join(' ')
  const operators = ['ada', 'bob'].map((name) => ({ name, publicKey: line(name) }))
  expect(result).toEqual({ ok: true, operators })
})

test('two names for one key are refused', () => {
  const result = operatorsFromKeys({ ada: keys.publicLine('ada'), eve: `${keys.publicLine('ada')} again` })
  expect(result).toEqual({
    ok: false,
    problems: [expect.stringMatching(/"ada" and "eve" have the same key/)],
  })
})

test('the fingerprint is the one ssh-keygen prints', () => {
  const parsed = parsePublicKey(keys.publicLine('ada'))
  const printed = execFileSync('ssh-keygen', ['-l', '-f', join(keys.dir, 'ada.pub')], { encoding: 'utf8' })
  expect(parsed.ok && printed.split(' ')[1]).toBe(parsed.ok && fingerprint(parsed.key.blob))
})

describe('what is no public key is refused by name', () => {
  test.each([
    ['nothing', () => '', /operator "ada": "" is not a key type/],
    ['a private key', () => readFileSync(join(keys.dir, 'ada'), 'utf8'), /treat the key as leaked/],
    ['two keys', () => `${keys.publicLine('ada')}\n${keys.publicLine('bob')}`, /one line/],
    ['options before the key', () => `no-pty ${keys.publicLine('ada')}`, /"no-pty" is not a key type/],
    ['a DSA key', () => 'ssh-dss AAAA', /"ssh-dss" is not a key type/],
    ['a certificate', () => 'ssh-ed25519-cert-v01@openssh.com AAAA', /not a key type/],
    ['no base64', () => 'ssh-ed25519 %%%', /not base64/],
    [
      'another type inside',
      () => keys.publicLine('ada').replace('ssh-ed25519', 'ssh-rsa'),
      /not a ssh-rsa key/,
    ],
    ['three bytes', () => 'ssh-ed25519 AAAA', /too early/],
    ['a type without a key', () => line('ssh-ed25519'), /too early/],
    ['a key too short', () => line('ssh-ed25519', Buffer.alloc(31)), /not a valid ssh-ed25519 key/],
    ['a key with a tail', () => line('ssh-ed25519', Buffer.alloc(32, 7), Buffer.from('x')), /too many/],
    [
      'a point off its curve',
      () => line('ecdsa-sha2-nistp256', Buffer.from('nistp256'), Buffer.alloc(65, 4)),
      /not a valid/,
    ],
  ])('%s', (_name, make, reason) => {
    expect(operatorsFromKeys({ ada: make() })).toEqual({
      ok: false,
      problems: [expect.stringMatching(reason)],
    })
  })

  /** A well-formed line of these fields. */
  const line = (type: string, ...fields: Buffer[]): string =>
    `${type} ${Buffer.concat([type, ...fields].map((field) => sshString(field))).toString('base64')}`
})
